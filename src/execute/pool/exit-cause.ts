import { SpecTimedOutError } from '../errors.js'
import type { LastWord } from '../protocol.js'
import type { SerializedError } from '../serialize-error.js'
import { Phase, type Status } from '../status-file.js'
import { DEAR_MS } from '../time-limit.js'

/** How a process came to its end. */
export interface ProcessExit {
  readonly exitCode: number | null
  readonly signal: string | null
  /** The end of what it wrote to stderr. */
  readonly stderr: string
  readonly status: Status
  /** On the clock of `monotonicNow()`. */
  readonly at: number
  /** Set if the pool ended it. */
  readonly ended: EndReason | undefined
  /** What it said before it ended itself. */
  readonly word: LastWord | undefined
}

/** Why a pool ends a process: the attempt that had begun at `startedAt` is over its limit (ms), or nothing comes of it. */
export type EndReason =
  | { readonly type: 'overdue'; readonly limit: number; readonly startedAt: number }
  | { readonly type: 'stalled' }

/** What is said of the spec that a process ended with, once it is known to be the reason. */
export interface ExitCause extends SerializedError {
  readonly code: string
  /** How often it has to happen to a process that has the spec alone, before it counts as an attempt. */
  readonly proofs: number
}

/** What V8 says last if the heap is full. */
const HEAP_FULL = /heap out of memory|Reached heap limit/i
/** What anyone may send, as the kernel does when memory runs out, or a service manager to a group of processes. */
const FROM_OUTSIDE = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
const PROOFS_FROM_OUTSIDE = 3

/**
 * Returns the likely cause of a process's end, in words for the row of its current spec. All of these causes come from the process
 * and not from the function's own throw, so each is a suspicion: what an earlier spec left behind, or somebody else, may have done it.
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

/** Whether somebody or something outside of the process may have ended it. */
export function isFromOutside({ signal, ended, word, status }: ProcessExit): boolean {
  return signal !== null && FROM_OUTSIDE.has(signal) && !ended && !word && status.memoryUsed === 0
}

function cause(code: string, message: string, proofs = 1): ExitCause {
  return { code, name: code, message, stack: null, proofs }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}
