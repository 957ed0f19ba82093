import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { KeyInvalidError, ObjectNotFoundError, type StoreTrouble, StoreUnusableError } from './errors.js'
import type { Attempt } from './patience.js'

/** A folder that is a store, and how long it is waited for. */
export interface FolderPlace {
  readonly root: string
  readonly attempt: Attempt
}

/** The operating system's code of an error (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code
}

/** No file is there: nothing at all, or a folder, or a file where the path has a folder. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')
}

/**
 * Folders that were there when this process looked. One of them that is gone is away, as a share that is not mounted: its objects are
 * not missing, and it is not made anew.
 */
const seen = new Set<string>()

/** Whoever comes first may make the folder, whatever was there before. */
export function forgetFolder(root: string): void {
  seen.delete(root)
}

/** Throws where a folder is gone that was there. */
export async function checkThere(root: string): Promise<void> {
  if (!seen.has(root)) return
  const missing = await stat(root).then(() => false, isMissing)
  if (!missing) return
  const message = `The folder ${root} is gone. Mount it, or put it back.`
  throw new StoreUnusableError(pathToFileURL(root).href, message, { trouble: 'outage', reason: 'ENOENT' })
}

/** Runs a read of one object's file: where there is none, the object is not found. */
export async function reading<T>(place: FolderPlace, key: string, read: () => Promise<T>): Promise<T> {
  const there = await readingIfThere(place, async () => ({ value: await read() }))
  if (!there) throw new ObjectNotFoundError(key, pathToFileURL(place.root).href)
  return there.value
}

/** Runs a read of what may not be there. */
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
 * Runs a write of one object's file, which must do no harm when it is done twice: what its name makes impossible is about the key.
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

/** A complaint of the operating system as one about the store; errors of others stay as they are. */
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

/** What a disk, a share or a machine gets over. */
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
