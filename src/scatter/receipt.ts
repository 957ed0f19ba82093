import { z } from 'zod'
import { uniteNames } from '../experiment/undeclared.js'
import { own } from '../settings/own.js'
import { isKey } from '../store/key.js'
import type { Store } from '../store/store.js'
import type { Range } from './plan.js'
import { type Latest, putLatest, readLatest, type Shape, setAside } from './read-json.js'

const count = z.number().int().min(0)

/** Longest key that S3 allows, in bytes. */
const LONGEST_KEY = 1024

/** A key within the run's folder, whatever else a receipt from elsewhere contains. */
export const objectKey = z.string().max(LONGEST_KEY).refine(isKey, 'Expected the key of an object')

const partSchema = z.object({ key: objectKey, rows: count, bytes: count })

/** A Parquet object with rows of one table. `key` is relative to the run's folder. */
export type Part = z.infer<typeof partSchema>

/**
 * Hashes of the code that made the rows of a node, and the number of specs that each ran, if there
 * are several.
 */
export const codeShares = z.array(z.object({ code: z.string(), specs: count }))

const receiptFields = z.object({
  format: z.literal(1),
  start: count,
  end: count,
  /** The id of the attempt that stored these parts. Their keys contain it. */
  attempt: z.string(),
  worker: z.string(),
  results: count,
  errors: count,
  /**
   * Seconds spent on running the specs. 0 if they are tasks that other workers serve: only those
   * know when a spec began.
   */
  seconds: z.number(),
  /** Each table's parts in the order of rows, by the table's name. */
  tables: z.record(z.string(), z.array(partSchema)),
  /**
   * Fields that functions returned and the output does not name: the first ones in order. Absent if
   * there are none.
   */
  undeclared: z.array(z.string()).optional(),
  /**
   * The hash of the code that made the rows. Absent if it is not known, or if there are several.
   */
  code: z.string().optional(),
  codes: codeShares.optional(),
})

/**
 * The receipt of a node that is done: it names the parts with the node's rows. Written once, last;
 * every reader gets the same rows.
 */
export type Receipt = z.infer<typeof receiptFields>

/**
 * Returns the shape of a receipt that accounts for all of this range. A schema for each range would
 * be compiled for each.
 */
function receiptOf(range: Range): Shape<Receipt> {
  return {
    parse(value) {
      const receipt = receiptFields.parse(value)
      if (!fits(receipt, range)) throw new Error(`it is not a receipt of the specs ${range.start} to ${range.end - 1}`)
      return receipt
    },
  }
}

function fits({ results, errors, ...receipt }: Receipt, { start, end }: Range): boolean {
  return receipt.start === start && receipt.end === end && results + errors === end - start
}

const RECEIPTS = 'receipts/'

/**
 * Returns the key of a receipt. Rows are padded, so that the order of keys is the order of ranges.
 */
function receiptKey({ start, end }: Range): string {
  return `${RECEIPTS}receipt-${padRow(start)}-${padRow(end)}.json`
}

/**
 * Returns a value that an engine delivered as the receipt of this range, or `undefined` if it is
 * not that: engines may deliver anything.
 */
export function asReceipt(value: unknown, range: Range): Receipt | undefined {
  const { data } = receiptFields.safeParse(value)
  return data && fits(data, range) ? data : undefined
}

/** Returns the parts of a table, in the order of the nodes. */
export function partsOf(receipts: readonly Receipt[], table: string): Part[] {
  return receipts.flatMap((receipt) => own(receipt.tables, table) ?? [])
}

/** Sums up the receipts of several nodes. */
export function totals(receipts: readonly Receipt[]): Totals {
  const sum = (field: 'results' | 'errors' | 'seconds') =>
    receipts.reduce((total, receipt) => total + receipt[field], 0)
  const undeclared = receipts.reduce<readonly string[]>(
    (names, receipt) => uniteNames(names, receipt.undeclared ?? []),
    [],
  )
  return {
    results: sum('results'),
    errors: sum('errors'),
    seconds: sum('seconds'),
    ...(undeclared.length > 0 && { undeclared: [...undeclared] }),
    ...codesOf(receipts),
  }
}

/** The totals of a node: counts, seconds, undeclared fields and code. */
export type Totals = Pick<Receipt, 'results' | 'errors' | 'seconds' | 'undeclared' | 'code' | 'codes'>

/** Returns one hash if that code made all rows, else the known share of each hash. */
function codesOf(receipts: readonly Receipt[]): Pick<Receipt, 'code' | 'codes'> {
  const specs = new Map<string, number>()
  for (const { start, end, code, codes = code === undefined ? [] : [{ code, specs: end - start }] } of receipts)
    for (const share of codes) specs.set(share.code, (specs.get(share.code) ?? 0) + share.specs)
  const codes = [...specs].map(([code, specs]) => ({ code, specs }))
  const all = receipts.reduce((sum, { start, end }) => sum + end - start, 0)
  if (codes[0]?.specs === all) return { code: codes[0].code }
  return codes.length > 0 ? { codes } : {}
}

export async function readReceipt(folder: Store, range: Range): Promise<Receipt | undefined> {
  return (await findReceipt(folder, range)).value
}

/**
 * Finds the receipt that counts, and the number of receipts of the range that were set aside before
 * it.
 */
export function findReceipt(folder: Store, range: Range): Promise<Latest<Receipt>> {
  return readLatest(folder, receiptKey(range), receiptOf(range))
}

/**
 * Writes a receipt if there is none. Resolves with the receipt that counts: this one, or the one
 * that was first.
 */
export function writeReceipt(folder: Store, receipt: Receipt): Promise<Receipt> {
  return putLatest(folder, receiptKey(receipt), receipt, receiptOf(receipt))
}

/**
 * Sets aside the receipt of a range whose rows are damaged, so that the range runs again. A receipt
 * that was already replaced is left as it is.
 */
export function setReceiptAside(folder: Store, receipt: Receipt, reason: string): Promise<void> {
  const isMeant = ({ attempt }: Receipt) => attempt === receipt.attempt
  return setAside(folder, receiptKey(receipt), receiptOf(receipt), isMeant, reason)
}

/**
 * Counts the receipts of a run that were set aside. While the count stays the same, receipts that
 * were read are valid.
 */
export async function countSetAside(folder: Store): Promise<number> {
  let count = 0
  for await (const { size } of folder.list(RECEIPTS)) if (size === 0) count += 1
  return count
}

/**
 * Yields the ranges within `range` that have a receipt, in order. Skips receipts that were set
 * aside; includes damaged ones, which only reading reveals.
 */
export async function* listReceipts(folder: Store, range: Range): AsyncGenerator<Range> {
  for await (const { key, size } of folder.list(RECEIPTS, { after: `${RECEIPTS}receipt-${padRow(range.start)}` })) {
    const match = /receipt-(\d+)-(\d+)(?:\.\d+)?\.json$/.exec(key)
    if (!match || size === 0) continue
    const found = { start: Number(match[1]), end: Number(match[2]) }
    if (found.start >= range.end) return
    if (found.end <= range.end) yield found
  }
}

/** Pads a row, so that the order of names is the order of rows. */
export function padRow(row: number): string {
  return String(row).padStart(12, '0')
}
