import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Piece, Store } from '../store/store.js'
import { CountMismatchError } from './errors.js'
import { gather } from './gather.js'
import { readObject } from './objects.js'
import { type Receipt, totals } from './receipt.js'
import type { RunFolder } from './run-folder.js'
import { sweep } from './sweep.js'

const RUN_RECEIPT_KEY = 'receipt.json'

const count = z.number().int().min(0)

const runReceiptSchema = z.object({
  format: z.literal(1),
  specs: count,
  results: count,
  errors: count,
  /** Spent running the specs, all workers together. */
  seconds: z.number(),
  /** Table name to its object in `final/`. `sha256` is null where the store put it together out of our sight. */
  tables: z.record(z.string(), z.object({ key: z.string(), rows: count, bytes: count, sha256: z.string().nullable() })),
})

/** Says that a run is done: `results + errors = specs`, and where the tables are. */
export type RunReceipt = z.infer<typeof runReceiptSchema>

export function readRunReceipt(folder: Store): Promise<RunReceipt | undefined> {
  return readObject(folder, RUN_RECEIPT_KEY, runReceiptSchema)
}

/** The final tables are a function of the receipts alone: a second root writes the same bytes. */
export async function finishRun(run: RunFolder, receipts: readonly Receipt[]): Promise<RunReceipt> {
  const { folder, allocation } = run
  const { results, errors, seconds } = totals(receipts)
  const rowsOf: Record<string, number> = { scalars: results, errors }
  check(allocation.experiment_id, 'results and errors', allocation.specs, results + errors)

  const tables: RunReceipt['tables'] = {}
  for (const [table, schema] of Object.entries(allocation.tables)) {
    const parts = receipts.flatMap((receipt) => receipt.tables[table] ?? [])
    const rows = parts.reduce((total, part) => total + part.rows, 0)
    check(allocation.experiment_id, table, rowsOf[table] ?? rows, rows)
    // Python Scythe takes every object in final/ for a table of results: no errors, no table of them.
    if (table === 'errors' && rows === 0) continue
    const key = `final/${table}.pq`
    const hash = createHash('sha256')
    let seen = true
    const bytes = await folder.compose(
      key,
      watch(gather(folder, schema, parts), (piece) => {
        if (piece instanceof Uint8Array) hash.update(piece)
        else seen = false
      }),
    )
    tables[table] = { key, rows, bytes, sha256: seen ? hash.digest('hex') : null }
  }
  await sweep(folder)
  const receipt: RunReceipt = {
    format: 1,
    specs: allocation.specs,
    results,
    errors,
    seconds,
    tables,
  }
  if (await folder.putIfAbsent(RUN_RECEIPT_KEY, JSON.stringify(receipt))) return receipt
  return (await readRunReceipt(folder)) ?? receipt
}

function check(run: string, what: string, expected: number, actual: number) {
  if (expected !== actual) throw new CountMismatchError(run, what, expected, actual)
}

async function* watch(pieces: AsyncIterable<Piece>, see: (piece: Piece) => void): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    see(piece)
    yield piece
  }
}
