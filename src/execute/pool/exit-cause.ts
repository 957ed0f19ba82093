import { SpecTimedOutError } from '../errors.js'
import type { LastWord } from '../protocol.js'
import type { SerializedError } from '../serialize-error.js'
import { Phase, type Status } from '../status-file.js'
import { DEAR_MS } from '../time-limit.js'

/** How a process exited. */
export interface ProcessExit {
  readonly exitCode: number | null
  readonly signal: string | null
  /** The last output of the process to stderr. */
  readonly stderr: string
  readonly status: Status
  /** Time of the exit, on the clock of `monotonicNow()`. */
  readonly at: number
  /** Set if the pool killed the process. */
  readonly ended: EndReason | undefined
  /** The last message of a process that ended itself. */
  readonly word: LastWord | undefined
}

/**
 * Why a pool kills a process: the attempt that began at `startedAt` exceeds its limit (ms), or the
 * process has stalled.
 */
export type EndReason =
  | { readonly type: 'overdue'; readonly limit: number; readonly startedAt: number }
  | { readonly type: 'stalled' }

/**
 * The error of the spec that a process ended with, for use once the spec is known to be the cause.
 */
export interface ExitCause extends SerializedError {
  readonly code: string
  /** Number of exits of a process that runs the spec alone, before they count as an attempt. */
  readonly proofs: number
}

/** V8's last message if the heap is full. */
const HEAP_FULL = /heap out of memory|Reached heap limit/i
/**
 * Signals that may come from outside: from the kernel when memory runs out, or from a service
 * manager to a process group.
 */
const FROM_OUTSIDE = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
const PROOFS_FROM_OUTSIDE = 3

/**
 * Returns the likely cause of a process's exit, worded for the row of its current spec. None of
 * these causes comes from an error that the function itself threw, so each is only a suspicion:
 * leftover work of an earlier spec, or another process, may be the cause.
 */
export function exitCauseOf(exit: ProcessExit): ExitCause {
  const { exitCode, signal, status, ended, word } = exit
  if (ended?.type === 'overdue') {
    const blocked = status.phase === Phase.ASYNC
    const message = new SpecTimedOutError(ended.limit).message
    return cause('SPEC_TIMED_OUT', message, ended.limit > DEAR_MS && !blocked ? 0 : 1)
  }
  if (ended?.type === 'stalled') {
    return cause('SPEC_CRASHED', 'What it left running kept its process from going on.', PROOFS_FROM_OUTSIDE)
  }
  if (status.memoryUsed > 0) {
    return cause(
      'SPEC_OUT_OF_MEMORY',
      `Its process had ${gigabytes(status.memoryUsed)} of memory, more than its limit of ${gigabytes(status.memoryLimit)} (option memory).`,
    )
  }
  if (word?.type === 'uncaught') return { code: 'SPEC_FAILED', ...word.thrown, proofs: word.owned ? 0 : 2 }
  if (word?.type === 'broken') {
    return cause('SPEC_CRASHED', `It left its process unable to go on: ${word.thrown.message}`)
  }
  if (signal !== null && HEAP_FULL.test(exit.stderr)) {
    return cause('SPEC_OUT_OF_MEMORY', 'Its process ran out of heap memory (option memory).')
  }
  if (signal === 'SIGKILL') {
    const message = 'Its process was killed by the system (SIGKILL), most likely because memory ran out.'
    return cause('SPEC_OUT_OF_MEMORY', message, PROOFS_FROM_OUTSIDE)
  }
  if (signal !== null) {
    const proofs = FROM_OUTSIDE.has(signal) ? PROOFS_FROM_OUTSIDE : 1
    return cause('SPEC_CRASHED', `Its process crashed with ${signal}.`, proofs)
  }
  return cause('SPEC_EXITED', `It ended its process with exit code ${exitCode}.`)
}

/** Returns whether something outside of the process may have ended it. */
export function isFromOutside({ signal, ended, word, status }: ProcessExit): boolean {
  return signal !== null && FROM_OUTSIDE.has(signal) && !ended && !word && status.memoryUsed === 0
}

function cause(code: string, message: string, proofs = 1): ExitCause {
  return { code, name: code, message, stack: null, proofs }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}
