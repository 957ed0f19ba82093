import { mapConcurrently } from '../async/concurrency.js'
import type { Range } from '../scatter/plan.js'
import { listReceipts, readReceipt } from '../scatter/receipt.js'
import type { Store } from '../store/store.js'

/** What the specs came to that have a receipt. */
export interface Counts {
  readonly results: number
  readonly errors: number
}

const READS_AT_ONCE = 32

/**
 * Counts a run's receipts, anew with each call. Receipts hardly ever change: each is read once, and those of the first rows are not even
 * listed again once there is none missing among them.
 */
export function createReceiptCount(folder: Store, specs: number): () => Promise<Counts> {
  /** Every row before this one is counted in `first`. */
  let firstOpen = 0
  let first: Counts = { results: 0, errors: 0 }
  let known = new Map<string, Counts>()

  async function read(range: Range): Promise<Counts | undefined> {
    const name = nameOf(range)
    const counts = known.get(name) ?? (await readReceipt(folder, range))
    if (counts) known.set(name, { results: counts.results, errors: counts.errors })
    return counts
  }

  return async () => {
    const ranges = await widest(folder, { start: firstOpen, end: specs })
    const counts = await mapConcurrently(ranges, READS_AT_ONCE, read)
    const later = new Map<string, Counts>()
    ranges.forEach((range, index) => {
      const count = counts[index]
      if (!count) return
      if (range.start === firstOpen) {
        first = add(first, count)
        firstOpen = range.end
      } else later.set(nameOf(range), add(count))
    })
    known = later
    return [...known.values()].reduce(add, first)
  }
}

function nameOf({ start, end }: Range): string {
  return `${start}-${end}`
}

function add(a: Counts, b: Counts = { results: 0, errors: 0 }): Counts {
  return { results: a.results + b.results, errors: a.errors + b.errors }
}

/** The ranges with a receipt that lie in no other: a fan's counts its children's. */
export async function widest(folder: Store, within: Range): Promise<Range[]> {
  const ranges: Range[] = []
  for await (const range of listReceipts(folder, within)) {
    const last = ranges.at(-1)
    // In order of start, then end: a wider one at the same start comes later, those within it after that.
    if (last && last.start === range.start) ranges[ranges.length - 1] = range
    else if (!last || range.start >= last.end) ranges.push(range)
  }
  return ranges
}
