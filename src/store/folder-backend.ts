import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { text } from '../settings/types.js'
import { localPathOf, pathOfUri } from './address.js'
import type { Backend, StorePlace } from './backend.js'
import { createFolderStore } from './folder.js'

const settings = {
  storageFolder: text({
    variable: 'SCYTHE_STORAGE_FOLDER',
    default: '.scythe',
    doc: 'runs live in this folder, if no other store is set',
  }),
}

export const folderBackend: Backend<typeof settings> = {
  name: 'folder',
  scheme: 'file',
  form: 'file:///folder',
  settings,
  secrets: [],
  // In this setting, even a path that looks like the address of another store is a path.
  addressOf: ({ storageFolder }) => pathToFileURL(resolve(atHome(storageFolder))).href,
  locate(address) {
    const path = pathOf(address)
    return path === undefined ? undefined : folderPlace(path)
  },
  isUri: (text) => pathOfUri(text) !== undefined,
}

/** Returns the path of the folder at an address. */
function pathOf(address: string): string | undefined {
  const path = localPathOf(atHome(address))
  return path === undefined || path === '' ? undefined : resolve(path)
}

/**
 * Expands a leading tilde: a shell leaves the tilde of `--store=~/runs` and of a variable as it is.
 */
function atHome(folder: string): string {
  return folder.replace(/^~(?=\/|$)/, () => homedir())
}

/**
 * Describes a folder by its identity, not by its path: links, bind mounts and letter case may make
 * several paths lead to one folder. While the folder is unavailable, an address keeps the identity
 * that was found before.
 */
function folderPlace(path: string): StorePlace {
  const known = new Set<string>()
  return {
    open: () => createFolderStore({ path }),
    async covers(address) {
      const otherPath = pathOf(address)
      if (otherPath === undefined) return false
      if (otherPath === path) return true
      const own = await identityOf(path)
      if (own === undefined) return known.has(otherPath)
      const isWithin = await liesIn(await real(otherPath), own)
      if (isWithin) known.add(otherPath)
      else known.delete(otherPath)
      return isWithin
    },
    holds: () => false,
  }
}

async function liesIn(path: string, folder: string): Promise<boolean> {
  if ((await identityOf(path)) === folder) return true
  const above = dirname(path)
  return above !== path && liesIn(above, folder)
}

/** Returns the identity of a folder, or `undefined` if nothing readable is at the path. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/** Returns a path with its links resolved, as far as the path exists. */
async function real(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(await real(above), basename(path))
  }
}
