import type { Batch, FinishedRows } from '../executor.js'
import type { KnownAttempts, Limits, Order } from '../protocol.js'
import type { Status } from '../status-file.js'
import { SHORT_MS } from '../time-limit.js'
import { exitCauseOf, isFromOutside, type ProcessExit } from './exit-cause.js'

/** The progress of a batch across all the processes that run it. */
export interface BatchState {
  /** Returns the order for the next process. */
  order(limits: Pick<Limits, 'isolation' | 'executionTimeout'>, careful: boolean): Order
  /**
   * Returns the number of finished specs, including errors, if the current process has this status.
   */
  progress(status: Status): { readonly done: number; readonly errors: number }
  /** The first row that no process has sent. */
  readonly next: number
  /** Whether all rows were sent. */
  readonly isComplete: boolean
  readonly results: number
  readonly errors: number
  recordRows(rows: FinishedRows): void
  /**
   * Records the exit of a process that had started `begun` specs of the last order. Its current
   * spec becomes a suspect, which runs alone in a process of its own; only if the exit happens
   * again there does it count as an attempt of the spec. If there was no current spec, any spec
   * whose rows were not sent may be the cause: halves of that range run until the spec is found.
   * Returns whether the batch can continue.
   */
  recordExit(exit: ProcessExit, retries: number, begun: number): boolean
}

/**
 * Maximum number of consecutive exits that no spec can have caused and before which no row was
 * sent.
 */
const IDLE_EXITS = 2
/** Like `IDLE_EXITS`, for exits that were caused from outside. */
const IDLE_KILLS = 10

/** A spec that may have caused the exit of a process. */
interface Suspect {
  /** Number of attempts that are known to have failed. */
  readonly attempts: number
  /** Number of exits of processes that ran this spec alone, since the last attempt that counted. */
  readonly proofs: number
}

export function createBatchState(batch: Batch, worker: string): BatchState {
  let { start: next } = batch
  let results = 0
  let errors = 0
  /** Number of errors from processes that have exited. */
  let errorsBefore = 0
  let idleExits = 0
  /** Whether the last order was for a single spec in a process of its own. */
  let isAlone = false
  /** Up to this row, the shared state is checked after each spec. */
  let carefulUntil = next
  /** One of the specs before this row caused an exit, and it is not known which. */
  let unclearUntil = next
  let lastOrder = { start: next, end: next }
  /**
   * Set after a process has exited, because the spec in its status may be one shortly before its
   * last one.
   */
  let isExact = false
  const suspects = new Map<number, Suspect>()
  const rows = new Map<number, KnownAttempts>()

  /** Returns the first suspect that has no row yet. */
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
      /** Number of specs that the process started and whose rows were not sent. */
      const unseen = lastOrder.start + begun - next
      if (!isClear && unseen <= 0) {
        // Earlier work of the process may have been the cause. There are no more such processes
        // than slots.
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
        // The overdue attempt had already ended: the attempt after it is not the cause.
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
