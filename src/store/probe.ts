import { randomUUID } from 'node:crypto'
import { StoreUnusableError } from './errors.js'
import type { Store } from './store.js'

/**
 * Checks that a store refuses to write an object a second time: writes an object twice with
 * conditional puts, then removes it.
 */
export async function probeStore(store: Store): Promise<void> {
  const key = `scythe-probe-${randomUUID()}`
  try {
    // Nobody else uses this key. If the object exists, the answer to the first attempt was lost.
    await store.putIfAbsent(key, '')
    if (await store.putIfAbsent(key, '')) {
      throw new StoreUnusableError(
        store.uri,
        `The store ${store.uri} ignores conditional puts (If-None-Match: *), which Scythe needs. Use one that knows them.`,
      )
    }
  } finally {
    await store.delete([key])
  }
}
