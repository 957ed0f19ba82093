import { schemeOf } from './address.js'
import type { Backend, ObjectPlace } from './backend.js'
import { folderBackend } from './folder-backend.js'
import { s3Backend } from './s3-backend.js'

/** Every kind of store. To add one, write its adapter and name its backend here. */
export const BACKENDS: Backend[] = [folderBackend, s3Backend]

/** Returns how addresses of stores are spelled, unless they are paths, for messages. */
export function storeForms(): string[] {
  return BACKENDS.map(({ form }) => form).reverse()
}

/**
 * Splits the address of an object into those of a store and its key. `undefined` if it is not an
 * object of a store.
 */
export function objectAt(uri: string): ObjectPlace | undefined {
  return objectsOf(uri)?.split(uri)
}

/**
 * Returns how addresses with this scheme are spelled. `undefined` if no store has it, or its
 * objects are files.
 */
export function objectForm(uri: string): string | undefined {
  return objectsOf(uri)?.form
}

/** Returns the schemes of addresses that Scythe fetches from stores, as `s3://`. */
export function fetchedSchemes(): string[] {
  return BACKENDS.filter(({ objects }) => objects !== undefined).map(({ scheme }) => `${scheme}://`)
}

/** Returns whether an address means the same file on every machine. */
export function isFetched(uri: string): boolean {
  return /^https?:\/\//i.test(uri) || objectsOf(uri) !== undefined
}

function objectsOf(uri: string): Backend['objects'] {
  const scheme = schemeOf(uri)
  return BACKENDS.find((backend) => backend.scheme === scheme)?.objects
}
