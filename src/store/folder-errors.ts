import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { KeyInvalidError, ObjectNotFoundError, type StoreTrouble, StoreUnusableError } from './errors.js'
import type { Attempt } from './patience.js'

/** A folder that is a store, and how long its requests are retried. */
export interface FolderPlace {
  readonly root: string
  readonly attempt: Attempt
}

/**
 * Returns the operating system's code of an error (`ENOENT`), or `undefined` if the error has none.
 */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code
}

/**
 * Returns whether an error means that there is no file: the path leads to nothing, to a folder, or
 * through a file.
 */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')
}

/**
 * Folders that this process has seen. If such a folder disappears, it is unavailable, like a share
 * that is not mounted: its objects are not missing, and the folder is not created again.
 */
const seen = new Set<string>()

/** Forgets that a folder was seen, so that the next writer may create it. */
export function forgetFolder(root: string): void {
  seen.delete(root)
}

/** Throws if a folder that was seen is gone. */
export async function checkThere(root: string): Promise<void> {
  if (!seen.has(root)) return
  const missing = await stat(root).then(() => false, isMissing)
  if (!missing) return
  const message = `The folder ${root} is gone. Mount it, or put it back.`
  throw new StoreUnusableError(pathToFileURL(root).href, message, { trouble: 'outage', reason: 'ENOENT' })
}

/** Runs a read of one object's file. Throws `ObjectNotFoundError` if there is no file. */
export async function reading<T>(place: FolderPlace, key: string, read: () => Promise<T>): Promise<T> {
  const there = await readingIfThere(place, async () => ({ value: await read() }))
  if (!there) throw new ObjectNotFoundError(key, pathToFileURL(place.root).href)
  return there.value
}

/** Runs a read of something that may be missing. Resolves with `undefined` if it is missing. */
export function readingIfThere<T>({ root, attempt }: FolderPlace, read: () => Promise<T>): Promise<T | undefined> {
  return attempt(async () => {
    try {
      const result = await read()
      seen.add(root)
      return result
    } catch (error) {
      if (!isMissing(error)) throw unusable(root, error)
      await checkThere(root)
      return undefined
    }
  })
}

/**
 * Runs a write of one object's file. The write must be safe to repeat. An error that the file's
 * name causes is reported as an error of the key.
 */
export function writing<T>({ root, attempt }: FolderPlace, key: string, write: () => Promise<T>): Promise<T> {
  return attempt(async () => {
    try {
      const result = await write()
      seen.add(root)
      return result
    } catch (error) {
      const code = errorCode(error) ?? ''
      if (code === 'ENAMETOOLONG') throw new KeyInvalidError(key, 'of names up to 255 bytes', { cause: error })
      if (['ENOTDIR', 'EISDIR', 'ENOTEMPTY'].includes(code) && isFolder(root)) {
        throw new KeyInvalidError(key, 'that is not a folder of other objects and lies under none', { cause: error })
      }
      if (isMissing(error)) await checkThere(root)
      throw unusable(root, error)
    }
  })
}

function isFolder(path: string): boolean {
  return existsSync(`${path}/.`)
}

/**
 * Wraps an error of the operating system as `StoreUnusableError`. Returns other errors unchanged.
 */
export function unusable(root: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  const code = errorCode(error) ?? 'UNKNOWN'
  const fix = FIXES[code] ?? 'Repair it, or choose another folder.'
  const message = `The folder ${root} cannot be used (${error.message}). ${fix}`
  return new StoreUnusableError(pathToFileURL(root).href, message, {
    trouble: troubleOf(code),
    reason: code,
    cause: error,
  })
}

/** Errors that a disk, a share or a machine can recover from. */
const OUTAGES = new Set([
  'EAGAIN',
  'EBUSY',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDQUOT',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EINTR',
  'EIO',
  'EMFILE',
  'ENETUNREACH',
  'ENFILE',
  'ENODEV',
  'ENOLCK',
  'ENOMEM',
  'ENOSPC',
  'ENOTCONN',
  'ENXIO',
  'EREMOTEIO',
  'ESHUTDOWN',
  'ESTALE',
  'ETIMEDOUT',
])
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS'])

function troubleOf(code: string): StoreTrouble {
  if (OUTAGES.has(code)) return 'outage'
  return REFUSALS.has(code) ? 'refusal' : 'lasting'
}

const ACCESS = 'Give this user the right to read and write there, or choose another folder.'
const LINKS = 'Choose a folder on a file system with hard links.'
const SPACE = 'Free some space.'
const FIXES: Record<string, string> = {
  EACCES: ACCESS,
  EPERM: LINKS,
  ENOTSUP: LINKS,
  EOPNOTSUPP: LINKS,
  EROFS: ACCESS,
  ENOSPC: SPACE,
  EDQUOT: SPACE,
  EMFILE: 'Raise the limit of open files (ulimit -n).',
}
