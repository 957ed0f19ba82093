import { formatValue } from '../experiment/values.js'
import { placeOf } from '../store/open.js'
import { TaskForbiddenError } from './errors.js'

/**
 * The stores that a worker serves. Anyone with the engine's token can send tasks that name others.
 */
export interface ServedStores {
  /**
   * Rejects with `TaskForbiddenError` unless this is the address of a served store, or of a store
   * within one.
   */
  check(address: string): Promise<void>
  /** Throws `TaskForbiddenError` unless this object is in a served store. */
  checkObject(uri: string): void
}

/** Serves every store: all tasks of an engine in this process are its own. */
export const EVERY_STORE: ServedStores = {
  async check() {},
  checkObject() {},
}

export function servedStores(addresses: readonly string[]): ServedStores {
  const places = addresses.map(placeOf)
  return {
    async check(address) {
      for (const place of places) if (await place.covers(address)) return
      throw notServed('the store', address)
    },
    checkObject(uri) {
      if (!places.some((place) => place.holds(uri))) throw notServed('the object', uri)
    },
  }
}

/**
 * Returns the error for an address that is not served. It does not name the served stores, because
 * a sender may be guessing: the worker's own log names them.
 */
function notServed(what: string, address: string): TaskForbiddenError {
  const fix = 'Start the worker with SCYTHE_STORAGE_… for it, or name its store in SCYTHE_WORKER_STORES as well.'
  return new TaskForbiddenError(`${what} ${formatValue(address)} is not one that this worker serves. ${fix}`)
}
