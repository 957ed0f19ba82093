import { mapConcurrently } from '../async/concurrency.js'
import type { Range } from '../scatter/plan.js'
import { listReceipts, readReceipt } from '../scatter/receipt.js'
import type { Store } from '../store/store.js'

/** The number of results and of errors among the specs that have a receipt. */
export interface Counts {
  readonly results: number
  readonly errors: number
}

const READS_AT_ONCE = 32

/**
 * Returns a function that counts a run's receipts at each call. Receipts hardly ever change, so
 * each is read once. Those of the first rows are not even listed again once none of them is
 * missing.
 */
export function createReceiptCount(folder: Store, specs: number): () => Promise<Counts> {
  /** `first` counts every row before this row. */
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

/**
 * Returns the ranges with a receipt that are within no other such range: a fan's receipt counts its
 * children's specs.
 */
export async function widest(folder: Store, within: Range): Promise<Range[]> {
  const ranges: Range[] = []
  for await (const range of listReceipts(folder, within)) {
    const last = ranges.at(-1)
    // Ranges come in order of start, then of end: a wider range with this start comes later, and
    // the ranges within it come after that.
    if (last && last.start === range.start) ranges[ranges.length - 1] = range
    else if (!last || range.start >= last.end) ranges.push(range)
  }
  return ranges
}
