import { randomUUID } from 'node:crypto'
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkThere, errorCode, type FolderPlace, isMissing, unusable, writing } from './folder-errors.js'
import { UNFINISHED } from './key.js'

const DAY = 24 * 60 * 60 * 1000
const KNOWN_FOLDERS = 10_000
const TRIES = 100

/**
 * Makes each file appear at once and complete: a file is written and synced under a temporary name
 * that nobody reads, then gets its own name in one step. The first write of a process to the folder
 * removes files that killed processes left behind more than a day ago.
 */
export interface FolderWriter {
  /**
   * Writes a file. Returns `false` if the file exists and `replace` is off. Errors of `fill` are
   * rethrown unchanged. If the bytes cannot be synced, `fill` runs again, unless it can run only
   * `once`: data that a disk failed to sync may be lost, although a second sync succeeds.
   */
  write(
    key: string,
    replace: boolean,
    fill: (file: FileHandle, path: string) => Promise<void>,
    options?: { readonly once: boolean },
  ): Promise<boolean>
  /** Removes files, and the folders that become empty. */
  remove(keys: readonly string[]): Promise<void>
}

/**
 * Creates writers for one folder. They share what they know about the folder, however long each of
 * them waits.
 */
export function createFolderWriter(root: string): (place: FolderPlace) => FolderWriter {
  const unfinished = join(root, UNFINISHED)
  const known = new Set<string>()
  let swept = false

  return (place) => ({
    write(key, replace, fill, { once } = { once: false }) {
      const write = () => writeOnce(place, key, replace, fill)
      return once ? write() : place.attempt(write)
    },

    async remove(keys) {
      const paths = keys.map((key) => join(root, key))
      await place.attempt(() =>
        Promise.all(paths.map(removeFile)).catch((error) => {
          throw unusable(root, error)
        }),
      )
      for (const folder of new Set(paths.map((path) => dirname(path)))) await removeEmpty(folder)
    },
  })

  async function writeOnce(
    place: FolderPlace,
    key: string,
    replace: boolean,
    fill: (file: FileHandle, path: string) => Promise<void>,
  ): Promise<boolean> {
    const path = join(root, key)
    /** Folders that have a new entry. */
    const changed = new Set<string>([dirname(path)])
    const { file, temporary } = await writing(place, key, () => create(changed))
    try {
      try {
        await fill(file, temporary)
        await file.sync().catch((error) => {
          throw unusable(root, error)
        })
      } finally {
        // The synced data is safe, whatever `close` reports.
        await file.close().catch(() => {})
      }
      const placed = await writing(place, key, () =>
        inFolder(dirname(path), changed, () => (replace ? move(temporary, path) : linkIfAbsent(temporary, path))),
      )
      // Sync also if another writer was first: a caller that relies on the file must find it after
      // a crash, too.
      await writing(place, key, () => Promise.all([...changed].map(syncFolder)))
      return placed
    } finally {
      // A temporary file that remains is removed a day later.
      await removeFile(temporary).catch(() => {})
    }
  }

  async function create(changed: Set<string>): Promise<{ file: FileHandle; temporary: string }> {
    const temporary = join(unfinished, randomUUID())
    const file = await inFolder(unfinished, changed, () => open(temporary, 'wx'))
    if (!swept) {
      swept = true
      await sweep(unfinished).catch(() => {})
    }
    return { file, temporary }
  }

  /**
   * Runs `act` in a folder, and creates the folder if needed. Another writer may remove the folder
   * at any moment, together with its last file, so `act` must follow at once.
   */
  async function inFolder<T>(folder: string, changed: Set<string>, act: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        await ensureFolder(folder, changed)
        return await act()
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || tries === TRIES) throw error
        known.delete(folder)
      }
    }
  }

  /** Creates a folder and its parents. Adds the folders that got a new subfolder to `changed`. */
  async function ensureFolder(folder: string, changed: Set<string>): Promise<void> {
    if (known.has(folder)) return
    if (folder === root) await checkThere(root)
    const parent = dirname(folder)
    try {
      if (await makeFolder(folder)) changed.add(parent)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      known.delete(parent)
      await ensureFolder(parent, changed)
      if (await makeFolder(folder)) changed.add(parent)
    }
    if (known.size >= KNOWN_FOLDERS) known.clear()
    known.add(folder)
  }

  async function removeEmpty(folder: string): Promise<void> {
    if (folder === root) return
    try {
      await rmdir(folder)
    } catch {
      return
    }
    known.delete(folder)
    await removeEmpty(dirname(folder))
  }
}

/** Creates a folder. Returns `false` if it exists. */
async function makeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

async function move(from: string, to: string): Promise<true> {
  await rename(from, to)
  return true
}

/**
 * Links a file. Returns `false` if the file exists. Throws like a rename if something other than a
 * file is there.
 */
async function linkIfAbsent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    const found = await lstat(to).catch(() => undefined)
    const isTaken = found?.isDirectory() || (found?.isSymbolicLink() && !(await stat(to).catch(() => undefined)))
    if (isTaken) throw Object.assign(new Error('something else is there', { cause: error }), { code: 'EISDIR' })
    return false
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/**
 * Syncs a folder. Without this, a crash of the machine may lose a file's name, although its bytes
 * are safe.
 */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // The folder was removed concurrently, with all its files.
    if (!isMissing(error)) throw error
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const file = await stat(path).catch(() => undefined)
    if (file && Date.now() - file.mtimeMs > DAY) await removeFile(path)
  }
}
