import { readAllocation } from '../scatter/allocation.js'
import { readRunReceipt } from '../scatter/finish.js'
import type { Range } from '../scatter/plan.js'
import { mapConcurrently } from '../scatter/promises.js'
import { listReceipts, readReceipt } from '../scatter/receipt.js'
import type { Store } from '../store/store.js'

/** Every spec of a run is in one of three: `specs = results + errors + open`. */
export interface RunStatus {
  readonly specs: number
  readonly results: number
  readonly errors: number
  readonly open: number
  /** `done` when the final tables and the run's receipt are there. */
  readonly state: 'done' | 'open'
}

const READS_AT_ONCE = 32

export async function readStatus(folder: Store): Promise<RunStatus> {
  const done = await readRunReceipt(folder)
  if (done) {
    const { specs, results, errors } = done
    return { specs, results, errors, open: 0, state: 'done' }
  }
  const { specs } = await readAllocation(folder)
  const receipts = await mapConcurrently(await widest(folder, specs), READS_AT_ONCE, (range) =>
    readReceipt(folder, range),
  )
  let results = 0
  let errors = 0
  for (const receipt of receipts) {
    results += receipt?.results ?? 0
    errors += receipt?.errors ?? 0
  }
  return { specs, results, errors, open: specs - results - errors, state: 'open' }
}

/** The ranges with a receipt that lie in no other: a fan's counts its children's. */
async function widest(folder: Store, specs: number): Promise<Range[]> {
  const ranges: Range[] = []
  for await (const range of listReceipts(folder, { start: 0, end: specs })) {
    const last = ranges.at(-1)
    // In order of start, then end: a wider one at the same start comes later, those within it after that.
    if (last && last.start === range.start) ranges[ranges.length - 1] = range
    else if (!last || range.start >= last.end) ranges.push(range)
  }
  return ranges
}
