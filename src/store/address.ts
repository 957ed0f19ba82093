import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ObjectNotFoundError } from './errors.js'
import { safeName } from './key.js'

// Addresses stand in tables and manifests. Of a folder's file it is a `file://` URL, so its names are escaped; of a bucket's
// object it is `s3://bucket/` and the key as it is, as boto3 and fsspec have it. A path is no address: nothing in it is escaped.

/** Makes the address of an object of the store, or folder of a store, at `root`. `Store.keyOf` takes it apart again. */
export function addressOf(root: string, key: string): string {
  const folder = pathOfUri(root)
  return folder === undefined ? `${root}/${key}` : pathToFileURL(join(folder, key)).href
}

/** Returns the scheme of an address in small letters: `s3`, `file`. `undefined` if the text is a path. */
export function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
}

/** Takes the address of an object in S3 apart. `undefined` if it is not one. */
export function splitS3(uri: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(uri) ?? []
  return bucket === undefined || key === undefined ? undefined : { bucket, key }
}

/**
 * Returns the path of a `file://` URL of this machine, else `undefined`. A URL that would silently name another file is none: one
 * with a query or a fragment, or with characters that URLs drop or take for others.
 */
export function pathOfUri(uri: string): string | undefined {
  if (/[?#\\\p{Cc}]|\s$/u.test(uri)) return undefined
  try {
    return fileURLToPath(uri)
  } catch {
    return undefined
  }
}

/** Returns the name that an address or a path ends in, as a file of this machine may have it. */
export function fileNameOf(address: string): string {
  const scheme = schemeOf(address)
  const path = scheme?.startsWith('http') ? decoded(address.split(/[?#]/, 1)[0]!) : (pathOfUri(address) ?? address)
  return safeName(/([^/]*)\/*$/.exec(path)![1]!)
}

/**
 * Returns what an address of S3 may stand for, the likeliest first. pydantic, and so Python Scythe, escapes spaces and what is not
 * ASCII, but no percent sign: so it cannot be told from an address whether it is escaped.
 */
export function meaningsOf(address: string): readonly string[] {
  const other = decoded(address)
  return other === address || schemeOf(address) !== 's3' ? [address] : [address, other]
}

/** Acts on an address of S3 as it is, and if nothing is there on what else it may stand for. */
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

/** Escapes that stand for nothing stay as they are. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-F]{2})+/gi, (escapes) => {
    try {
      return decodeURI(escapes)
    } catch {
      return escapes
    }
  })
}
