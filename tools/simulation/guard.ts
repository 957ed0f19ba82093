import type { Receipt } from '../../src/scatter/receipt.js'
import type { OnChange } from './memory-store.js'
import { RUN } from './tables.js'
import type { World } from './world.js'

/** Watches every change in the store as it is made: what holds at every moment, and not in the end alone. */
export function createGuard({ blame, tell }: World, objects: ReadonlyMap<string, Uint8Array>): OnChange {
  /** Keys that some receipt names, with their sizes; and the attempts that won. */
  const named = new Map<string, number>()
  const winners = new Set<string>()

  return (key, next, before) => {
    const own = key.slice(RUN.length + 1)
    if (next === undefined) {
      tell('store', 'loses', own)
      if (!/^(parts|results)\//.test(own)) blame(`${own} was removed`)
      if (named.has(own) || winners.has(own.split('/').at(-2)!)) blame(`${own} was removed, and a receipt names it`)
      return
    }
    tell('store', before ? 'replaces' : 'has', own)
    if (before && !Buffer.from(before).equals(next)) {
      // Two roots may both be making the final tables, and make the same.
      blame(`${own} was changed`)
    }
    if (!own.startsWith('receipts/') || before) return
    const receipt = JSON.parse(Buffer.from(next).toString()) as Receipt
    winners.add(receipt.attempt)
    if (receipt.results + receipt.errors !== receipt.end - receipt.start) blame(`${own} counts other than its specs`)
    for (const { key, bytes } of Object.values(receipt.tables).flat()) {
      named.set(key, bytes)
      if (objects.get(`${RUN}/${key}`)?.length !== bytes) blame(`${own} names ${key}, which is not there as it says`)
    }
  }
}
