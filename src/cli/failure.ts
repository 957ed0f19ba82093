import { inspect } from 'node:util'
import { printable } from '../settings/printable.js'
import { say } from '../settings/say.js'
import { printJson } from './stdout.js'

/** What a command ends with. */
export const ExitCode = {
  /** Every row is a result. */
  OK: 0,
  FAILED: 1,
  BAD_INPUT: 2,
  SOME_ERRORS: 3,
  INTERRUPTED: 130,
} as const

/** Errors that another command line, table, module or setting would not have. */
const BAD_INPUT = new Set([
  'CODE_CHANGED',
  'DUPLICATE_EXPERIMENT',
  'EXPERIMENT_INVALID',
  'EXPERIMENT_NOT_LOADED',
  'EXPERIMENT_UNCLEAR',
  'EXPERIMENT_UNKNOWN',
  'FILE_MISSING',
  'INVALID_STORE_ADDRESS',
  'LABEL_MISSING',
  'MODULE_NOT_LOADED',
  'NO_SPECS',
  'OPTION_INVALID',
  'RUN_AMBIGUOUS',
  'RUN_INCOMPLETE',
  'RUN_NOT_DONE',
  'RUN_NOT_FOUND',
  'RUN_NOT_RESUMABLE',
  'SAMPLING_INVALID',
  'SCHEMAS_DIFFER',
  'SETTINGS_INVALID',
  'SPECS_INVALID',
  'SPECS_UNREADABLE',
  'TABLE_NOT_FOUND',
  'TASK_FORBIDDEN',
  'USAGE',
  'VERSION_INVALID',
])

export interface FailureOptions {
  readonly json: boolean
  /** With stacks. */
  readonly verbose: boolean
}

/** Says what went wrong, and gives the exit code for it. */
export async function reportFailure(error: unknown, { json, verbose }: FailureOptions): Promise<number> {
  if (json) await printJson({ error: asData(error) })
  if (verbose) process.stderr.write(`${printable(inspect(error))}\n`)
  else if (!json) say(messageOf(error))
  return exitCodeOf(error)
}

/** Returns what the command line ends with after this error. */
export function exitCodeOf(error: unknown): number {
  const { code } = asData(error)
  if (code === 'CANCELLED' || code === 'INTERRUPTED') return ExitCode.INTERRUPTED
  return BAD_INPUT.has(code) ? ExitCode.BAD_INPUT : ExitCode.FAILED
}

/** Errors of another copy of the package are known by what they can do. */
function asData(error: unknown): { readonly code: string } & Record<string, unknown> {
  const { code, toJSON } = (error ?? {}) as { code?: unknown; toJSON?: unknown }
  if (typeof code === 'string' && typeof toJSON === 'function') return { code, ...toJSON.call(error) }
  return { code: typeof code === 'string' ? code : 'UNEXPECTED', message: messageOf(error) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
