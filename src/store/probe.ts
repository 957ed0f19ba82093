import { randomUUID } from 'node:crypto'
import { StoreUnusableError } from './errors.js'
import type { Store } from './store.js'

/** Writes an object twice where it must be written once, and removes it. */
export async function probeStore(store: Store): Promise<void> {
  const key = `scythe-probe-${randomUUID()}`
  try {
    const first = await store.putIfAbsent(key, '')
    const second = await store.putIfAbsent(key, '')
    if (!first || second) {
      throw new StoreUnusableError(
        store.uri,
        `The store ${store.uri} ignores conditional puts (If-None-Match: *), which Scythe needs. Use one that knows them.`,
      )
    }
  } finally {
    await store.delete([key])
  }
}
