import { lstat, stat } from 'node:fs/promises'
import type { ObjectInfo, Store } from '../store/store.js'
import { RunObjectInvalidError } from './errors.js'

/** Keys of a run's objects whose content is stored nowhere else. */
const NOT_MADE_AGAIN = new Set([
  'allocation.json',
  'experiment_io_spec.yml',
  'input_artifacts.yml',
  'manifest.yml',
  'specs.pq',
])

/**
 * Resolves with information about an object of a run, or with `undefined` if there is none. Rejects
 * with `RunObjectInvalidError` if something else stands in its place, such as a folder: no resume
 * could write the object.
 */
export async function findObject(folder: Store, key: string): Promise<ObjectInfo | undefined> {
  const info = await folder.head(key)
  if (!info) await checkNotBlocked(folder, key)
  return info
}

/**
 * Rejects with `RunObjectInvalidError` if something that is not an object stands in the place of an
 * object.
 */
export async function checkNotBlocked(folder: Store, key: string): Promise<void> {
  const obstacle = await findObstacle(folder, key)
  if (!obstacle) return
  const { what, at } = obstacle
  const where = at === key ? 'in its place' : 'in the place of this folder'
  const fix = NOT_MADE_AGAIN.has(key)
    ? 'Remove it and put a copy of the file back, or allocate the specs again.'
    : 'Remove it and resume the run: what belongs there is made again.'
  throw new RunObjectInvalidError(folder.uriOf(at), `${what} stands ${where}. ${fix}`, { lasting: true })
}

interface Obstacle {
  readonly what: string
  /** The key, or the key of a folder above it. */
  readonly at: string
}

/** Finds the obstacle that keeps a key from being an object. In a bucket there is none. */
async function findObstacle(folder: Store, key: string): Promise<Obstacle | undefined> {
  const names = key.split('/')
  for (let depth = 1; depth <= names.length; depth++) {
    const at = names.slice(0, depth).join('/')
    const path = folder.localPath(at)
    const what = path && (await kindOf(path))
    if (!what) return undefined
    if (what !== (depth < names.length ? FOLDER : FILE)) return { what, at }
  }
  return undefined
}

const FOLDER = 'a folder'
const FILE = 'a file'

/**
 * Resolves with a description of the file system entry at a path, or with `undefined` if there is
 * none or it is unknown.
 */
async function kindOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return FOLDER
  if (found?.isFile()) return FILE
  if (found) return 'a device, pipe or socket'
  const link = await lstat(path).catch(() => undefined)
  return link?.isSymbolicLink() ? 'a link that leads nowhere' : undefined
}
