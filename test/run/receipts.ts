import { writeReceipt } from '../../src/scatter/receipt.js'
import type { Store } from '../../src/store/store.js'

/** Writes what a batch, or a fan, that is done leaves: its receipt. */
export async function leaveReceipt(folder: Store, start: number, end: number, errors = 0): Promise<void> {
  const receipt = { start, end, errors, results: end - start - errors }
  await writeReceipt(folder, { format: 1, attempt: 'a', worker: 'w', seconds: 1, tables: {}, ...receipt })
}

/** Writes what a run that is done has, without a table. */
export async function leaveRunReceipt(folder: Store, specs: number, errors = 0): Promise<void> {
  const receipt = { format: 1, specs, results: specs - errors, errors, seconds: 1, tables: {} }
  await folder.putIfAbsent('receipt.json', JSON.stringify(receipt))
}
