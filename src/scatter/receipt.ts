import { z } from 'zod'
import { uniteNames } from '../experiment/undeclared.js'
import { own } from '../settings/own.js'
import { isKey } from '../store/key.js'
import type { Store } from '../store/store.js'
import type { Range } from './plan.js'
import { type Latest, putLatest, readLatest, type Shape, setAside } from './read-json.js'

const count = z.number().int().min(0)

/** Bytes that S3 allows. */
const LONGEST_KEY = 1024

/** Within the run's folder, whatever else a receipt from elsewhere says. */
export const objectKey = z.string().max(LONGEST_KEY).refine(isKey, 'Expected the key of an object')

const partSchema = z.object({ key: objectKey, rows: count, bytes: count })

/** A Parquet object with rows of one table; `key` is relative to the run's folder. */
export type Part = z.infer<typeof partSchema>

/** Hashes of the code that made the rows, and how many specs each ran: of a node whose rows come from several. */
export const codeShares = z.array(z.object({ code: z.string(), specs: count }))

const receiptFields = z.object({
  format: z.literal(1),
  start: count,
  end: count,
  /** The attempt that these parts are of; it is in their keys. */
  attempt: z.string(),
  worker: z.string(),
  results: count,
  errors: count,
  /** Spent running the specs. 0 where they are tasks of others, of which only those know when they began. */
  seconds: z.number(),
  /** Table name to its parts, in the order of rows. */
  tables: z.record(z.string(), z.array(partSchema)),
  /** Fields that functions returned and the output does not name: the first in order, if there were any. */
  undeclared: z.array(z.string()).optional(),
  /** The hash of the code that made the rows, if it is known and one made all of them. */
  code: z.string().optional(),
  codes: codeShares.optional(),
})

/** Says that a node is done, and where its rows are. Written once, last; whoever reads it gets the same rows. */
export type Receipt = z.infer<typeof receiptFields>

/** Reads a receipt of this range that accounts for all of it. A schema for each range would be compiled for each. */
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

/** Padded, so that keys in order are ranges in order. */
function receiptKey({ start, end }: Range): string {
  return `${RECEIPTS}receipt-${padRow(start)}-${padRow(end)}.json`
}

/** A receipt of this range that came through an engine, else `undefined`: what comes that way may be anything. */
export function asReceipt(value: unknown, range: Range): Receipt | undefined {
  const { data } = receiptFields.safeParse(value)
  return data && fits(data, range) ? data : undefined
}

/** The parts of a table, in the order of the nodes. */
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

/** What the specs of a node came to. */
export type Totals = Pick<Receipt, 'results' | 'errors' | 'seconds' | 'undeclared' | 'code' | 'codes'>

/** One hash where it made all rows, else the share of each that is known. */
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

/** The receipt that counts, and how many of the range were set aside before it. */
export function findReceipt(folder: Store, range: Range): Promise<Latest<Receipt>> {
  return readLatest(folder, receiptKey(range), receiptOf(range))
}

/** Writes a receipt where there is none and gives the one that counts: this one, or that of whoever was first. */
export function writeReceipt(folder: Store, receipt: Receipt): Promise<Receipt> {
  return putLatest(folder, receiptKey(receipt), receipt, receiptOf(receipt))
}

/** Has a range run again whose rows are damaged. A receipt that was replaced already is left. */
export function setReceiptAside(folder: Store, receipt: Receipt, reason: string): Promise<void> {
  const isMeant = ({ attempt }: Receipt) => attempt === receipt.attempt
  return setAside(folder, receiptKey(receipt), receiptOf(receipt), isMeant, reason)
}

/** Counts the receipts of a run that were set aside. As long as it stays, receipts that were read count. */
export async function countSetAside(folder: Store): Promise<number> {
  let count = 0
  for await (const { size } of folder.list(RECEIPTS)) if (size === 0) count += 1
  return count
}

/** The ranges with a receipt that lie within `range`, in order. What was set aside is none; of damaged ones only reading tells. */
export async function* listReceipts(folder: Store, range: Range): AsyncGenerator<Range> {
  for await (const { key, size } of folder.list(RECEIPTS, { after: `${RECEIPTS}receipt-${padRow(range.start)}` })) {
    const match = /receipt-(\d+)-(\d+)(?:\.\d+)?\.json$/.exec(key)
    if (!match || size === 0) continue
    const found = { start: Number(match[1]), end: Number(match[2]) }
    if (found.start >= range.end) return
    if (found.end <= range.end) yield found
  }
}

/** Pads a row, so that names in order are rows in order. */
export function padRow(row: number): string {
  return String(row).padStart(12, '0')
}
