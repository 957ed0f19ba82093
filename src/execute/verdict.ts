import { SpecTimedOutError } from './errors.js'
import type { Status } from './status-file.js'
import type { Thrown } from './thrown.js'

/** How a process came to its end. */
export interface Death {
  readonly exitCode: number | null
  readonly signal: string | null
  /** The end of what it wrote to stderr. */
  readonly stderr: string
  readonly status: Status
  /** On the clock of `monotonicNow()`. */
  readonly at: number
  /** Set where the pool ended it for the time limit (ms) of the try that had started then. */
  readonly overdue: Overdue | undefined
  /** What was thrown where nobody caught it. */
  readonly uncaught: Thrown | undefined
}

export interface Overdue {
  readonly limit: number
  readonly startedAt: number
}

/** What is said of the spec that a process died of. */
export interface Verdict extends Thrown {
  readonly code: string
}

/** What V8 says last where the heap is full. */
const HEAP_FULL = /heap out of memory|Reached heap limit/i

export function verdictOf(death: Death): Verdict {
  const { exitCode, signal, status } = death
  if (death.overdue) return verdict('SPEC_TIMED_OUT', new SpecTimedOutError(death.overdue.limit).message)
  if (status.memoryUsed > 0) {
    return verdict(
      'SPEC_OUT_OF_MEMORY',
      `Its process had ${gigabytes(status.memoryUsed)} of memory, more than its limit of ${gigabytes(status.memoryLimit)} (option memory).`,
    )
  }
  if (signal !== null && HEAP_FULL.test(death.stderr)) {
    return verdict('SPEC_OUT_OF_MEMORY', 'Its process ran out of heap memory (option memory).')
  }
  if (death.uncaught) return { code: 'SPEC_FAILED', ...death.uncaught }
  if (signal === 'SIGKILL') {
    return verdict(
      'SPEC_OUT_OF_MEMORY',
      'Its process was killed by the system (SIGKILL), most likely because memory ran out.',
    )
  }
  if (signal !== null) return verdict('SPEC_CRASHED', `Its process crashed with ${signal}.`)
  return verdict('SPEC_EXITED', `It ended its process with exit code ${exitCode}.`)
}

function verdict(code: string, message: string): Verdict {
  return { code, name: code, message, stack: null }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}
