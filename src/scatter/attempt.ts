import type { Store } from '../store/store.js'
import type { Range } from './plan.js'
import { type Part, padRow, type Receipt, type Totals, writeReceipt } from './receipt.js'

/**
 * An attempt at a node. It stores parts under keys of its own and, last of all, the receipt that
 * names them. Its id contains the range, so that the leftovers of an attempt are found beside the
 * winning attempt.
 */
export interface Attempt {
  readonly id: string
  /** Returns the key of the part with this name. */
  keyOf(name: string): string
  /** Stores rows of a table as a part. Resolves with the part. */
  put(name: string, bytes: Uint8Array, rows: number): Promise<Part>
  /**
   * Writes the receipt, unless another attempt was faster. Resolves with the receipt that counts.
   */
  commit(totals: Totals, tables: Receipt['tables']): Promise<Receipt>
}

export interface AttemptPlace {
  /** The store of the parts. */
  readonly folder: Store
  /** The folder of the parts' keys. Default: `parts`. */
  readonly partsFolder?: string
  /** The store of the receipts. Default: `folder`. */
  readonly receipts?: Store
  /** The name of the worker. */
  readonly worker: string
}

/** Begins an attempt at a range of specs. Nothing is stored yet. */
export function beginAttempt(
  { folder, partsFolder = 'parts', receipts = folder, worker }: AttemptPlace,
  { start, end }: Range,
): Attempt {
  const id = `${padRow(start)}-${padRow(end)}-${crypto.randomUUID()}`
  const keyOf = (name: string) => `${partsFolder}/${id}/${name}.pq`
  return {
    id,
    keyOf,
    async put(name, bytes, rows) {
      const key = keyOf(name)
      await folder.put(key, bytes)
      return { key, rows, bytes: bytes.length }
    },
    commit: (totals, tables) =>
      writeReceipt(receipts, { format: 1, start, end, attempt: id, worker, ...totals, tables }),
  }
}
