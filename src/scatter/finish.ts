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
  /** Spent running the specs, all workers together. */
  seconds: z.number(),
  /** Table name to its object in `final/`. `sha256` is null where the store put it together out of our sight. */
  tables: z.record(z.string(), z.object({ key: objectKey, rows: count, bytes: count, sha256: z.string().nullable() })),
  /** As in receipts. */
  undeclared: z.array(z.string()).optional(),
  code: z.string().optional(),
  codes: codeShares.optional(),
})

/** Says that a run is done: `results + errors = specs`, and where the tables are. */
export type RunReceipt = z.infer<typeof runReceiptSchema>

/** `undefined` where there is none. One that is damaged is none, either: resuming the run makes it again. */
export function readRunReceipt(folder: Store): Promise<RunReceipt | undefined> {
  return readMendable(folder, RUN_RECEIPT_KEY, runReceiptSchema)
}

/**
 * Makes the final tables. They are a function of the receipts alone: a second root writes the same bytes. `setAside` receipts had been set
 * aside when these were read. Throws `ReceiptsChangedError` if there are more by now: then another root may have finished with others,
 * and its tables must stay as its receipt says.
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
    // Python Scythe takes every object in final/ for a table of results: no errors, no table of them.
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
  // Over what is there: another root's is the same, or of tables that these have just replaced.
  await folder.put(RUN_RECEIPT_KEY, jsonText(receipt))
  return receipt
}

function check(run: string, what: string, expected: number, actual: number) {
  if (expected !== actual) throw new CountMismatchError(run, what, expected, actual)
}
