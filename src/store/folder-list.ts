import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type FolderPlace, readingIfThere } from './folder-errors.js'
import { isAfter, isKey, sortByKey } from './key.js'
import type { ObjectInfo } from './store.js'

const STATS_AT_ONCE = 64

/** Walks the files under a prefix, folder by folder, in the order of whole keys. */
export function listFiles(place: FolderPlace, prefix: string, after: string | undefined): AsyncGenerator<ObjectInfo> {
  return walk(prefix.slice(0, prefix.lastIndexOf('/') + 1))

  async function* walk(folder: string): AsyncGenerator<ObjectInfo> {
    // A folder's name is compared with its slash: all keys in `a/` come after `a-b`.
    const entries = (await readFolder(place, folder))
      .map((entry) => (entry.isDirectory() ? `${folder}${entry.name}/` : `${folder}${entry.name}`))
      .filter((key) => key.startsWith(prefix) && (after === undefined || isAfter(key, after) || isAbove(key, after)))
    const keys = sortByKey(entries, (key) => key)
    for (let i = 0; i < keys.length; i += STATS_AT_ONCE) {
      const found = keys
        .slice(i, i + STATS_AT_ONCE)
        .map(async (key) => (key.endsWith('/') ? key : fileInfo(place, key)))
      for (const next of await Promise.all(found)) {
        if (typeof next === 'string') yield* walk(next)
        else if (next) yield next
      }
    }
  }
}

/** Returns the key and size of a file, or `undefined` if there is no file. */
export async function fileInfo(place: FolderPlace, key: string): Promise<ObjectInfo | undefined> {
  const file = await readingIfThere(place, () => stat(join(place.root, key)))
  return file?.isFile() ? { key, size: file.size } : undefined
}

/**
 * Returns the names of the subfolders that contain a file at any depth. Empty folders are left out,
 * because a bucket has none.
 */
export async function listFoldersWithFiles(place: FolderPlace, folder: string): Promise<string[]> {
  const folders = (await readFolder(place, folder)).filter((entry) => entry.isDirectory())
  const held = await Promise.all(folders.map(({ name }) => holdsFile(place, `${folder}${name}/`)))
  return sortByKey(
    folders.filter((_, i) => held[i]).map(({ name }) => name),
    (name) => name,
  )
}

async function holdsFile(place: FolderPlace, folder: string): Promise<boolean> {
  const entries = await readFolder(place, folder)
  if (entries.some((entry) => entry.isFile())) return true
  for (const entry of entries) {
    if (entry.isDirectory() && (await holdsFile(place, `${folder}${entry.name}/`))) return true
  }
  return false
}

/** Reads the files and folders that the store owns. A name that no key can have is not listed. */
async function readFolder(place: FolderPlace, folder: string): Promise<Dirent[]> {
  const entries = await readingIfThere(place, () => readdir(join(place.root, folder), { withFileTypes: true }))
  return (entries ?? []).filter((entry) => isKey(folder + entry.name) && (entry.isFile() || entry.isDirectory()))
}

function isAbove(folder: string, key: string): boolean {
  return folder.endsWith('/') && key.startsWith(folder)
}
