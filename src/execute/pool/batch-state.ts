import type { Batch, FinishedRows } from '../executor.js'
import type { KnownAttempts, Limits, Order } from '../protocol.js'
import type { Status } from '../status-file.js'
import { SHORT_MS } from '../time-limit.js'
import { exitCauseOf, isFromOutside, type ProcessExit } from './exit-cause.js'

/** How far a batch is, over all the processes that it takes. */
export interface BatchState {
  /** Returns what the next process is to do. */
  order(limits: Pick<Limits, 'isolation' | 'executionTimeout'>, careful: boolean): Order
  /** Specs done, errors among them, if a process is at `status`. */
  progress(status: Status): { readonly done: number; readonly errors: number }
  /** The first row that has not left. */
  readonly next: number
  /** Whether all rows have left. */
  readonly isComplete: boolean
  readonly results: number
  readonly errors: number
  recordRows(rows: FinishedRows): void
  /**
   * Takes in the end of a process that had begun `begun` specs of the last order. Its current spec is a suspect from then on, which runs
   * alone, in a process of its own; only what happens again there is an attempt of the spec. If it had none, one of those is, whose rows
   * have not left: halves of them run until it is found. Returns whether the batch can go on.
   */
  recordExit(exit: ProcessExit, retries: number, begun: number): boolean
}

/** Ends in a row that no spec can have a part in, and before which no row left. */
const IDLE_EXITS = 2
/** The same, if they come from outside. */
const IDLE_KILLS = 10

/** A spec that a process ended with. */
interface Suspect {
  /** Attempts that are known to have failed. */
  readonly attempts: number
  /** Ends of processes that had it alone, since the last attempt that counted. */
  readonly proofs: number
}

export function createBatchState(batch: Batch, worker: string): BatchState {
  let { start: next } = batch
  let results = 0
  let errors = 0
  /** Those from processes that have ended. */
  let errorsBefore = 0
  let idleExits = 0
  /** Whether the last order was for one spec in a process of its own. */
  let isAlone = false
  /** Before this row, what specs share is looked at after each of them. */
  let carefulUntil = next
  /** Before this row is one with which a process ended, nobody knows which. */
  let unclearUntil = next
  let lastOrder = { start: next, end: next }
  /** After a process has ended: the spec that it is seen with may be one shortly before its last. */
  let isExact = false
  const suspects = new Map<number, Suspect>()
  const rows = new Map<number, KnownAttempts>()

  /** The first suspect that has no row yet. */
  function firstSuspect(): number {
    let first = batch.end
    for (const sortIndex of suspects.keys()) first = Math.min(first, sortIndex)
    return first
  }

  return {
    order({ isolation, executionTimeout }, careful) {
      errorsBefore = errors
      const suspect = firstSuspect()
      const alone = suspect === next || isolation === 'spec' || unclearUntil === next + 1
      isAlone = alone
      let end = alone ? next + 1 : next < carefulUntil ? Math.min(suspect, carefulUntil) : suspect
      if (next < unclearUntil) end = Math.min(end, next + Math.ceil((unclearUntil - next) / 2))
      lastOrder = { start: next, end }
      const tries = suspects.get(next)
      const known: KnownAttempts[] = tries ? [{ sortIndex: next, attempts: tries.attempts, error: undefined }] : []
      for (const row of rows.values()) if (row.sortIndex < end) known.push(row)
      const isCareful = careful || alone || next < carefulUntil
      const exact = isExact || isCareful || executionTimeout < SHORT_MS
      return { batch, next, end, known, alone, careful: isCareful, exact }
    },
    progress(status) {
      return {
        done: Math.max(status.sortIndex, next) - batch.start,
        errors: Math.max(errors, errorsBefore + status.errors),
      }
    },
    get next() {
      return next
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
    recordRows(left) {
      next = left.end
      results += left.results
      errors += left.errors
      idleExits = 0
      for (const map of [suspects, rows])
        for (const sortIndex of map.keys()) if (sortIndex < next) map.delete(sortIndex)
    },
    recordExit(exit, retries, begun) {
      const { status, word, ended } = exit
      const { startedAt } = status
      isExact = true
      const isClear = status.sortIndex >= next
      /** Specs that it began, and whose rows have not left. */
      const unseen = lastOrder.start + begun - next
      if (!isClear && unseen <= 0) {
        // What it had run before may have been the reason; there are no more such processes than slots.
        if (status.begun > 0 && word?.type !== 'broken') return true
        idleExits += 1
        return idleExits < (isFromOutside(exit) || ended ? IDLE_KILLS : IDLE_EXITS)
      }
      idleExits = 0
      if (!isClear && !isAlone) {
        unclearUntil = Math.min(next + unseen, lastOrder.end)
        return true
      }
      const sortIndex = isClear ? status.sortIndex : next
      const before = suspects.get(sortIndex)
      const attempt = isClear ? status.attempt : (before?.attempts ?? 0) + 1
      const attempts = Math.max(before?.attempts ?? 0, attempt - 1)
      if (isClear) {
        // The attempt that was to be ended had ended by itself: the one after it is not to blame.
        if (ended?.type === 'overdue' && ended.startedAt !== startedAt) return true
        if (word?.type === 'changed') {
          carefulUntil = Math.max(carefulUntil, sortIndex + 1)
          return true
        }
        if (word?.type === 'suspect') {
          suspects.set(sortIndex, { attempts, proofs: before?.proofs ?? 0 })
          return true
        }
      } else unclearUntil = next
      const { proofs: needed, ...error } = exitCauseOf(exit)
      const proofs = (before?.proofs ?? 0) + (isAlone ? 1 : 0)
      if (proofs < needed) suspects.set(sortIndex, { attempts, proofs })
      else if (attempt > retries) {
        const seconds = startedAt > 0 ? Math.max(0, exit.at - startedAt) / 1000 : 0
        suspects.delete(sortIndex)
        rows.set(sortIndex, { sortIndex, attempts: attempt, error: { ...error, attempts: attempt, worker, seconds } })
      } else suspects.set(sortIndex, { attempts: attempt, proofs: 0 })
      return true
    },
  }
}
