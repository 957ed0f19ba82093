import { randomUUID } from 'node:crypto'
import { StoreUnusableError } from './errors.js'
import type { Store } from './store.js'

/** Writes an object twice where it must be written once, and removes it. */
export async function probeStore(store: Store): Promise<void> {
  const key = `scythe-probe-${randomUUID()}`
  try {
    // Nobody else has this key: where it is there already, the answer to the first try was lost.
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
