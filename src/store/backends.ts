import { schemeOf } from './address.js'
import type { Backend, ObjectPlace } from './backend.js'
import { folderBackend } from './folder-backend.js'
import { s3Backend } from './s3-backend.js'

/** Every kind of store. To add a kind, write its adapter and add its backend here. */
export const BACKENDS: Backend[] = [folderBackend, s3Backend]

/** Returns the forms of the addresses of stores, except paths, for messages. */
export function storeForms(): string[] {
  return BACKENDS.map(({ form }) => form).reverse()
}

/**
 * Splits the address of an object into the address of its store and its key. Returns `undefined` if
 * the address is not that of an object in a store.
 */
export function objectAt(uri: string): ObjectPlace | undefined {
  return objectsOf(uri)?.split(uri)
}

/**
 * Returns the form of addresses with this scheme. Returns `undefined` if no store has the scheme,
 * or if the store's objects are files.
 */
export function objectForm(uri: string): string | undefined {
  return objectsOf(uri)?.form
}

/** Returns the schemes of the addresses that Scythe fetches files from, for messages. */
export function fetchedSchemes(): string[] {
  const stores = BACKENDS.filter(({ objects }) => objects !== undefined)
  return [...stores.map(({ scheme }) => `${scheme}://`), 'http(s)://']
}

/** Returns whether an address means one file on all machines. */
export function isFetched(uri: string): boolean {
  return /^https?:\/\//i.test(uri) || objectsOf(uri) !== undefined
}

function objectsOf(uri: string): Backend['objects'] {
  const scheme = schemeOf(uri)
  return BACKENDS.find((backend) => backend.scheme === scheme)?.objects
}
