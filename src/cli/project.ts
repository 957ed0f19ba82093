import { realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pathOfUri } from '../store/address.js'
import { configuredStore } from '../store/configured.js'
import type { Store } from '../store/store.js'

/** Names of entries that mark the top folder of a project. */
const MARKS = ['package.json', '.git']

/**
 * Returns the reason why the code that a run names is not imported unless the user asks for it;
 * `undefined` if the code belongs to the user. Runs come from anywhere, and an imported module can
 * do everything that the user can. So the module has to be in the project of the working folder,
 * and not in a store, because anyone may have written the files there.
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

/**
 * Returns the nearest folder, this one or one above it, that is the top of a project; if there is
 * none, this folder. Marks of other users do not count.
 */
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

/** Returns a path without links, as far as it exists. */
function real(path: string): string {
  const whole = resolve(path)
  try {
    return realpathSync(whole)
  } catch {
    const above = dirname(whole)
    return above === whole ? whole : join(real(above), relative(above, whole))
  }
}
