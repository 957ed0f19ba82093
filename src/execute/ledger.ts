import type { Batch, FinishedRows } from './pool.js'
import type { KnownTries, Order } from './protocol.js'
import type { Status } from './status-file.js'
import { type Death, verdictOf } from './verdict.js'

/** Where a batch stands, over all the processes that it takes. */
export interface Ledger {
  /** What the next process is to do. */
  order(): Order
  /** Specs done, errors among them, where a process is at `status`. */
  progress(status: Status): { readonly done: number; readonly errors: number }
  /** Whether all rows have left. */
  readonly isComplete: boolean
  readonly results: number
  readonly errors: number
  left(rows: FinishedRows): void
  /** Blames the death of a process on a spec, which is tried again or becomes an error row. Gives whether that leads any further. */
  died(death: Death, retries: number): boolean
}

/** Deaths in a row that are no spec's fault, and before which no row left. */
const BARREN_DEATHS = 2

export function createLedger(batch: Batch, worker: string): Ledger {
  let { start: next } = batch
  let results = 0
  let errors = 0
  /** Those from processes that are no more. */
  let errorsBefore = 0
  let barren = 0
  let known: readonly KnownTries[] = []

  return {
    order() {
      errorsBefore = errors
      return { batch, next, known }
    },
    progress(status) {
      return {
        done: Math.max(status.sortIndex, next) - batch.start,
        errors: Math.max(errors, errorsBefore + status.errors),
      }
    },
    get isComplete() {
      return next >= batch.end
    },
    get results() {
      return results
    },
    get errors() {
      return errors
    },
    left(rows) {
      next = rows.end
      results += rows.results
      errors += rows.errors
      barren = 0
      known = known.filter(({ sortIndex }) => sortIndex >= next)
    },
    died(death, retries) {
      const { sortIndex, attempt: attempts, startedAt } = death.status
      if (sortIndex < next) return ++barren < BARREN_DEATHS
      // The try that was to be ended had ended by itself: the one after it is not to blame.
      if (death.overdue && death.overdue.startedAt !== startedAt) return true
      const seconds = startedAt > 0 ? Math.max(0, death.at - startedAt) / 1000 : 0
      const error = attempts > retries ? { ...verdictOf(death), attempts, worker, seconds } : undefined
      known = [...known.filter((tries) => tries.sortIndex !== sortIndex), { sortIndex, attempts, error }]
      barren = 0
      return true
    },
  }
}
