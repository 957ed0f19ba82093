import type { StorePlace } from './backend.js'
import { BACKENDS, storeForms } from './backends.js'
import { StoreAddressInvalidError } from './errors.js'
import type { Store } from './store.js'

/**
 * Opens the store at an address: `s3://bucket/prefix`, `file:///folder`, or a path, which is
 * relative to the working folder. Does not read or write anything yet.
 *
 * @example
 * ```ts
 * const store = openStore('s3://bucket/studies')
 * const run = await openRun(store, 'energy/v1.0.0/2026-01-31_12-00-00')
 * console.log(await run.status())
 * ```
 *
 * @throws `STORE_ADDRESS_INVALID` if the address does not name a store.
 */
export function openStore(address: string): Store {
  return placeOf(address).open()
}

/** Returns the place of the store at an address. Throws `StoreAddressInvalidError`. */
export function placeOf(address: string): StorePlace {
  for (const backend of BACKENDS) {
    const place = backend.locate(address)
    if (place) return place
  }
  throw new StoreAddressInvalidError(address, storeForms())
}

/**
 * Returns whether a text is an address in the form of `Store.uri`, which does not depend on the
 * working folder.
 */
export function isStoreUri(text: string): boolean {
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return false
  return BACKENDS.some((backend) => text.startsWith(`${backend.scheme}://`) && backend.isUri(text))
}
