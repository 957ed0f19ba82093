import { randomUUID } from 'node:crypto'
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkThere, errorCode, type FolderPlace, isMissing, unusable, writing } from './folder-errors.js'
import { UNFINISHED } from './key.js'

const DAY = 24 * 60 * 60 * 1000
const KNOWN_FOLDERS = 10_000
const TRIES = 100

/**
 * Makes files appear whole: written and synced under a name that nobody looks at, then given their own name in one step.
 * What a killed process leaves behind is removed by whoever writes first a day later.
 */
export interface FolderWriter {
  /**
   * Returns `false` if a file is there and `replace` is off. The errors of `fill` pass as they are. If what it wrote cannot be synced, it
   * runs again, unless it can run only `once`: what a disk has said no to may be lost, and a second sync says yes all the same.
   */
  write(
    key: string,
    replace: boolean,
    fill: (file: FileHandle, path: string) => Promise<void>,
    options?: { readonly once: boolean },
  ): Promise<boolean>
  /** Removes files, and the folders that this leaves empty. */
  remove(keys: readonly string[]): Promise<void>
}

/** What writers of one folder know together is kept, whatever each waits. */
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
    /** Folders in which something has a new name. */
    const changed = new Set<string>([dirname(path)])
    const { file, temporary } = await writing(place, key, () => create(changed))
    try {
      try {
        await fill(file, temporary)
        await file.sync().catch((error) => {
          throw unusable(root, error)
        })
      } finally {
        // What was synced is safe, whatever closing says.
        await file.close().catch(() => {})
      }
      const placed = await writing(place, key, () =>
        inFolder(dirname(path), changed, () => (replace ? move(temporary, path) : linkIfAbsent(temporary, path))),
      )
      // Also where another was first: who acts on its file must find it after a crash too.
      await writing(place, key, () => Promise.all([...changed].map(syncFolder)))
      return placed
    } finally {
      // What stays is removed a day later.
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

  /** Whoever removes the last file of a folder removes the folder, at any moment: what it is made for must follow at once. */
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

  /** Notes the folders that got a new one in them. */
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

/** `false` where it is there. */
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

/** Returns `false` if a file is there. Throws like a rename if it is something else. */
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

/** Without it a crash of the machine may lose a file's name, though its bytes are safe. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Gone again, with all that was in it.
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
