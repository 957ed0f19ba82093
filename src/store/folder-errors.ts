import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { InvalidKeyError, ObjectNotFoundError, StoreUnusableError } from './errors.js'

/** The operating system's code of an error (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code
}

/** No file is there: nothing at all, or a folder, or a file where the path has a folder. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')
}

/** Runs a read of one object's file: where there is none, the object is not found. */
export async function reading<T>(root: string, key: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (isMissing(error)) throw new ObjectNotFoundError(key, pathToFileURL(root).href, { cause: error })
    throw unusable(root, error)
  }
}

/** Runs a read of what may not be there. */
export async function readingIfThere<T>(root: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw unusable(root, error)
  }
}

/** Runs a write of one object's file: what its name makes impossible is about the key. */
export async function writing<T>(root: string, key: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const code = errorCode(error) ?? ''
    if (code === 'ENAMETOOLONG') throw new InvalidKeyError(key, 'of names up to 255 bytes', { cause: error })
    if (['ENOTDIR', 'EISDIR', 'ENOTEMPTY'].includes(code) && isFolder(root)) {
      throw new InvalidKeyError(key, 'that is no folder of other objects and lies under none', { cause: error })
    }
    throw unusable(root, error)
  }
}

function isFolder(path: string): boolean {
  return existsSync(`${path}/.`)
}

/** A complaint of the operating system as one about the store; errors of others stay as they are. */
export function unusable(root: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  const fix = FIXES[errorCode(error) ?? ''] ?? 'Repair it, or choose another folder.'
  const message = `The folder ${root} cannot be used (${error.message}). ${fix}`
  return new StoreUnusableError(pathToFileURL(root).href, message, { cause: error })
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
