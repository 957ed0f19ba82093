import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ObjectNotFoundError } from './errors.js'
import { safeName } from './key.js'

// Addresses stand in tables and manifests. The address of a folder's file is a `file://` URL, so
// its names are escaped. The address of any other object is that of its store and the key as it is:
// boto3 and fsspec read `s3://bucket/key` so. A path is not an address: nothing in it is escaped.

/**
 * Returns the address of an object, or a folder, in the store at `root`. `Store.keyOf` is the way
 * back.
 */
export function addressOf(root: string, key: string): string {
  const folder = pathOfUri(root)
  return folder === undefined ? `${root}/${key}` : pathToFileURL(join(folder, key)).href
}

/**
 * Returns the scheme of an address in lower case: `s3`, `file`. `undefined` if the text is a path.
 */
export function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
}

/**
 * Returns the path of a file of this machine, which is given as a path or as a `file://` URL, else
 * `undefined`.
 */
export function localPathOf(file: string): string | undefined {
  return schemeOf(file) === undefined ? file : pathOfUri(file)
}

/**
 * Returns the path of a `file://` URL of this machine, else `undefined`. It is `undefined`, too,
 * for a URL that would silently name another file: one with a query or a fragment, or with
 * characters that URLs drop or take for others.
 */
export function pathOfUri(uri: string): string | undefined {
  if (/[?#\\\p{Cc}]|\s$/u.test(uri)) return undefined
  try {
    return fileURLToPath(uri)
  } catch {
    return undefined
  }
}

/**
 * Returns the name that an address or a path ends in, changed if a file of this machine cannot have
 * it.
 */
export function fileNameOf(address: string): string {
  const scheme = schemeOf(address)
  const path = scheme?.startsWith('http') ? decoded(address.split(/[?#]/, 1)[0]!) : (pathOfUri(address) ?? address)
  return safeName(/([^/]*)\/*$/.exec(path)![1]!)
}

/**
 * Returns what the address of an object may stand for, the likeliest first. pydantic, and so Python
 * Scythe, escapes spaces and characters beyond ASCII, but not percent signs: so an address does not
 * tell whether it is escaped. URLs of files and of the web are always escaped.
 */
export function meaningsOf(address: string): readonly string[] {
  const other = decoded(address)
  return other === address || /^(file|https?)$/.test(schemeOf(address) ?? 'file') ? [address] : [address, other]
}

/**
 * Acts on an object's address as it is, and, if nothing is there, on the other address that it may
 * stand for.
 */
export async function asMeant<T>(address: string, act: (address: string) => Promise<T>): Promise<T> {
  const [first, other] = meaningsOf(address)
  try {
    return await act(first!)
  } catch (error) {
    if (other === undefined || !isNotFound(error)) throw error
    return act(other).catch((second) => {
      throw isNotFound(second) ? error : second
    })
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ObjectNotFoundError
}

/** Decodes escapes. Those that stand for nothing stay as they are. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-F]{2})+/gi, (escapes) => {
    try {
      return decodeURI(escapes)
    } catch {
      return escapes
    }
  })
}
