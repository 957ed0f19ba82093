import { createHash } from 'node:crypto'
import { z } from 'zod'
import { own } from '../settings/own.js'
import type { Store } from '../store/store.js'
import { CountMismatchError, ReceiptsChangedError } from './errors.js'
import { gather } from './gather.js'
import { jsonText, readMendable } from './read-json.js'
import { codeShares, countSetAside, objectKey, partsOf, type Receipt, totals } from './receipt.js'
import type { RunFolder } from './run-folder.js'
import { sweep } from './sweep.js'

export const RUN_RECEIPT_KEY = 'receipt.json'

const count = z.number().int().min(0)

const runReceiptSchema = z.object({
  format: z.literal(1),
  specs: count,
  results: count,
  errors: count,
  /** Seconds spent on running the specs, summed over all workers. */
  seconds: z.number(),
  /**
   * Each table's object in `final/`, by the table's name. `sha256` is null if the store assembled
   * the object, so that not all of its bytes passed through this process.
   */
  tables: z.record(z.string(), z.object({ key: objectKey, rows: count, bytes: count, sha256: z.string().nullable() })),
  /** Undeclared fields and code: `undeclared`, `code` and `codes` as in a `Receipt`. */
  undeclared: z.array(z.string()).optional(),
  code: z.string().optional(),
  codes: codeShares.optional(),
})

/** The receipt of a run that is done: `results + errors = specs`, and the key of every table. */
export type RunReceipt = z.infer<typeof runReceiptSchema>

/**
 * Reads the run's receipt. Resolves with `undefined` if it is missing, or damaged: resuming the run
 * writes it again.
 */
export function readRunReceipt(folder: Store): Promise<RunReceipt | undefined> {
  return readMendable(folder, RUN_RECEIPT_KEY, runReceiptSchema)
}

/**
 * Makes the final tables. They are a function of the receipts alone: a second root writes the same
 * bytes. `setAside` is the number of receipts that had been set aside when these were read. Rejects
 * with `ReceiptsChangedError` if there are more by now: then another root may have finished with
 * other receipts, and its tables must stay as its receipt describes them.
 */
export async function finishRun(run: RunFolder, receipts: readonly Receipt[], setAside: number): Promise<RunReceipt> {
  const { folder, allocation } = run
  const sums = totals(receipts)
  const { results, errors } = sums
  const rowsOf: Record<string, number> = { scalars: results, errors }
  check(allocation.experiment_id, 'results and errors', allocation.specs, results + errors)

  const tables: RunReceipt['tables'] = Object.create(null)
  for (const [table, schema] of Object.entries(allocation.tables)) {
    const parts = partsOf(receipts, table)
    const rows = parts.reduce((total, part) => total + part.rows, 0)
    check(allocation.experiment_id, table, own(rowsOf, table) ?? rows, rows)
    // Python Scythe takes every object in final/ for a table of results. So without errors, there
    // is no table of errors.
    if (table === 'errors' && rows === 0) continue
    const key = `final/${table}.pq`
    const hash = createHash('sha256')
    let seen = true
    async function* pieces() {
      for await (const piece of gather(folder, schema, parts)) {
        if (piece instanceof Uint8Array) hash.update(piece)
        else seen = false
        yield piece
      }
      if ((await countSetAside(folder)) !== setAside) throw new ReceiptsChangedError(allocation.experiment_id)
    }
    const bytes = await folder.compose(key, pieces())
    tables[table] = { key, rows, bytes, sha256: seen ? hash.digest('hex') : null }
  }
  await sweep(folder)
  const receipt: RunReceipt = {
    format: 1,
    specs: allocation.specs,
    ...sums,
    tables,
  }
  // Replaces any receipt: another root's receipt is equal, or names tables that these tables have
  // just replaced.
  await folder.put(RUN_RECEIPT_KEY, jsonText(receipt))
  return receipt
}

function check(run: string, what: string, expected: number, actual: number) {
  if (expected !== actual) throw new CountMismatchError(run, what, expected, actual)
}
