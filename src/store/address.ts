import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ObjectNotFoundError } from './errors.js'
import { safeName } from './key.js'

// Tables and manifests contain addresses. The address of a file in a folder store is a `file://`
// URL, so its names are escaped. The address of any other object is the address of its store
// followed by the unescaped key: this is how boto3 and fsspec read `s3://bucket/key`. A path is not
// an address: nothing in a path is escaped.

/**
 * Returns the address of an object or a folder in the store at `root`. `Store.keyOf` is the
 * inverse.
 */
export function addressOf(root: string, key: string): string {
  const folder = pathOfUri(root)
  return folder === undefined ? `${root}/${key}` : pathToFileURL(join(folder, key)).href
}

/**
 * Returns the scheme of an address in lower case, such as `s3` or `file`, or `undefined` if the
 * text is a path.
 */
export function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
}

/**
 * Returns the path of a file on this machine, which is given as a path or as a `file://` URL.
 * Returns `undefined` for anything else.
 */
export function localPathOf(file: string): string | undefined {
  return schemeOf(file) === undefined ? file : pathOfUri(file)
}

/**
 * Returns the path of a `file://` URL on this machine, or `undefined` for anything else. Also
 * returns `undefined` for a URL that would silently name another file: a URL with a query or a
 * fragment, or with characters that URLs drop or replace.
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
 * Returns the file name at the end of an address or a path. The name is changed if no file on this
 * machine can have it.
 */
export function fileNameOf(address: string): string {
  const scheme = schemeOf(address)
  const path = scheme?.startsWith('http') ? decoded(address.split(/[?#]/, 1)[0]!) : (pathOfUri(address) ?? address)
  return safeName(/([^/]*)\/*$/.exec(path)![1]!)
}

/**
 * Returns the possible meanings of an object's address, the most likely one first. pydantic, and
 * therefore Python Scythe, escapes spaces and non-ASCII characters, but not percent signs, so an
 * address does not show whether it is escaped. URLs of files and of the web are always escaped.
 */
export function meaningsOf(address: string): readonly string[] {
  const other = decoded(address)
  return other === address || /^(file|https?)$/.test(schemeOf(address) ?? 'file') ? [address] : [address, other]
}

/**
 * Calls `act` with an object's address as it is and, if there is no such object, with the other
 * possible meaning of the address.
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

/** Decodes escape sequences. Invalid sequences stay unchanged. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-F]{2})+/gi, (escapes) => {
    try {
      return decodeURI(escapes)
    } catch {
      return escapes
    }
  })
}
