import { z } from 'zod'
import type { Store } from '../store/store.js'
import { readObject } from './objects.js'
import type { Range } from './plan.js'

const count = z.number().int().min(0)

const partSchema = z.object({ key: z.string(), rows: count, bytes: count })

/** A Parquet object with rows of one table; `key` is relative to the run's folder. */
export type Part = z.infer<typeof partSchema>

const receiptSchema = z.object({
  format: z.literal(1),
  start: count,
  end: count,
  /** The try that these parts are of; it is in their keys. */
  attempt: z.string(),
  worker: z.string(),
  results: count,
  errors: count,
  /** Spent running the specs. 0 where they are tasks of others, of which only those know when they began. */
  seconds: z.number(),
  /** Table name to its parts, in the order of rows. */
  tables: z.record(z.string(), z.array(partSchema)),
})

/** Says that a node is done, and where its rows are. Written once, last; whoever reads it gets the same rows. */
export type Receipt = z.infer<typeof receiptSchema>

const RECEIPTS = 'receipts/'

/** Padded, so that keys in order are ranges in order. */
function receiptKey({ start, end }: Range): string {
  return `${RECEIPTS}receipt-${pad(start)}-${pad(end)}.json`
}

/** A new attempt at a range. The range is in its name, so that what an attempt left is found beside the one that won. */
export function newAttempt({ start, end }: Range): string {
  return `${pad(start)}-${pad(end)}-${crypto.randomUUID()}`
}

/** A receipt of this range that came through an engine, else `undefined`: what comes that way may be anything. */
export function asReceipt(value: unknown, range: Range): Receipt | undefined {
  const { success, data } = receiptSchema.safeParse(value)
  return success && data.start === range.start && data.end === range.end ? data : undefined
}

/** What several nodes come to together. */
export function totals(receipts: readonly Receipt[]): Pick<Receipt, 'results' | 'errors' | 'seconds'> {
  const sum = (field: 'results' | 'errors' | 'seconds') =>
    receipts.reduce((total, receipt) => total + receipt[field], 0)
  return { results: sum('results'), errors: sum('errors'), seconds: sum('seconds') }
}

export function readReceipt(folder: Store, range: Range): Promise<Receipt | undefined> {
  return readObject(folder, receiptKey(range), receiptSchema)
}

/**
 * Writes a receipt where there is none and gives the one that counts: this one, or that of whoever was first.
 * A refused write may be one's own whose answer was lost, so what is there is always read.
 */
export async function writeReceipt(folder: Store, receipt: Receipt): Promise<Receipt> {
  if (await folder.putIfAbsent(receiptKey(receipt), JSON.stringify(receipt))) return receipt
  return (await readReceipt(folder, receipt)) ?? receipt
}

/** The ranges with a receipt that lie within `range`, in order. */
export async function* listReceipts(folder: Store, range: Range): AsyncGenerator<Range> {
  for await (const { key } of folder.list(RECEIPTS, { after: `${RECEIPTS}receipt-${pad(range.start)}` })) {
    const match = /receipt-(\d+)-(\d+)\.json$/.exec(key)
    if (!match) continue
    const found = { start: Number(match[1]), end: Number(match[2]) }
    if (found.start >= range.end) return
    if (found.end <= range.end) yield found
  }
}

function pad(row: number): string {
  return String(row).padStart(12, '0')
}
