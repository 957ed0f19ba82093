import { inspect } from 'node:util'
import { entryOf } from '../error-codes.js'
import { writeLog } from '../settings/log.js'
import { printable } from '../settings/printable.js'
import { printJson } from './stdout.js'

/** The exit codes of commands. */
export const ExitCode = {
  /** Every row is a result. */
  OK: 0,
  FAILED: 1,
  BAD_INPUT: 2,
  SOME_ERRORS: 3,
  INTERRUPTED: 130,
} as const

export interface FailureOptions {
  readonly json: boolean
  /** Whether the stack is printed, too. */
  readonly verbose: boolean
}

/** Writes an error to the log, or as JSON to stdout. Resolves with the exit code for the error. */
export async function reportFailure(error: unknown, { json, verbose }: FailureOptions): Promise<number> {
  if (json) await printJson({ error: asData(error) })
  if (verbose) {
    const stack = inspect(error)
    writeLog('error', messageOf(error), { stack }, printable(stack))
  } else if (!json) writeLog('error', messageOf(error))
  return exitCodeOf(error)
}

/** Returns the exit code for an error. */
export function exitCodeOf(error: unknown): number {
  return entryOf(error)?.exit ?? ExitCode.FAILED
}

/** Returns an error as data, also if it comes from another copy of the package. */
function asData(error: unknown): { readonly code: string } & Record<string, unknown> {
  const { code, toJSON } = (error ?? {}) as { code?: unknown; toJSON?: unknown }
  if (typeof code === 'string' && typeof toJSON === 'function') return { code, ...toJSON.call(error) }
  return { code: typeof code === 'string' ? code : 'UNEXPECTED', message: messageOf(error) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
