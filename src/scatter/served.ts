import { formatValue } from '../experiment/values.js'
import { placeOf } from '../store/place.js'
import { TaskForbiddenError } from './errors.js'

/** The stores that a worker serves. Whoever has the engine's token can send tasks that name any other. */
export interface ServedStores {
  /** Throws `TaskForbiddenError` unless this is the address of one of them, or of a store within one. */
  check(address: string): Promise<void>
  /** Throws `TaskForbiddenError` unless this object of S3 lies in one of them. */
  checkObject(uri: string): void
}

/** Of an engine in this process: all tasks are its own. */
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

/** Which stores are served, the worker's own log says: a sender that guesses is not told. */
function notServed(what: string, address: string): TaskForbiddenError {
  const fix = 'Start the worker with SCYTHE_STORAGE_… for it, or name its store in SCYTHE_WORKER_STORES as well.'
  return new TaskForbiddenError(`${what} ${formatValue(address)} is not one that this worker serves. ${fix}`)
}
