import { realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pathOfUri } from '../store/address.js'
import { configuredStore } from '../store/configured.js'
import type { Store } from '../store/store.js'

/** What the top of a project has. */
const MARKS = ['package.json', '.git']

/**
 * Returns why code that a run names is not taken without a word of the user's; `undefined` if it is the user's own. Runs come from anywhere,
 * and a module that is imported can do whatever the user can: so it has to lie in the project that the command is given in, and not where
 * runs lie, because files in them are whoever's.
 */
export function whyNotOwn(module: string, store: Store): string | undefined {
  if (!module.startsWith('file:')) return 'it is not a file'
  const path = real(fileURLToPath(module))
  const project = projectOf(process.cwd())
  if (!isIn(path, project)) return `it lies outside of the project that this is, ${project}`
  const stores = [store.uri, configuredStore(process.env)].map(pathOfUri)
  return stores.some((folder) => folder !== undefined && isIn(path, real(folder)))
    ? 'it lies in a store, where files are those of whoever made the run'
    : undefined
}

/** The folder above this one that is the top of a project, else this one. In a shared folder anybody may have put a mark. */
function projectOf(folder: string): string {
  const here = real(folder)
  const user = process.geteuid?.()
  const isMark = (path: string) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found !== undefined && (user === undefined || found.uid === user || found.uid === 0)
  }
  for (let top = here; ; top = dirname(top)) {
    if (MARKS.some((mark) => isMark(join(top, mark)))) return top
    if (top === dirname(top)) return here
  }
}

function isIn(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path
}

/** Without links, as far as it is there. */
function real(path: string): string {
  const whole = resolve(path)
  try {
    return realpathSync(whole)
  } catch {
    const above = dirname(whole)
    return above === whole ? whole : join(real(above), relative(above, whole))
  }
}
