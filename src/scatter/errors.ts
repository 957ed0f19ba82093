import { ScytheError } from '../errors.js'
import type { SpecError } from '../execute/spec-error.js'
import { show } from '../experiment/values.js'

/** What was run does not add up to what was asked for. Nothing is called done; the parts stay where they are. */
export class CountMismatchError extends ScytheError {
  constructor(
    readonly run: string,
    readonly what: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super('COUNT_MISMATCH', `Expected ${expected} rows in ${what} of ${run}, got ${actual}. Resume the run.`)
  }
}

/** An object of a run is not what it should be. */
export class RunObjectInvalidError extends ScytheError {
  /** Whether nothing of ours may replace it: it is whole and a newer Scythe's, or something that is not an object stands there. */
  readonly lasting: boolean

  constructor(
    readonly uri: string,
    readonly problem: string,
    { lasting = false, ...options }: ErrorOptions & { readonly lasting?: boolean } = {},
  ) {
    super('RUN_OBJECT_INVALID', `${uri} cannot be read: ${problem}`, options)
    this.lasting = lasting
  }
}

/** A part is not there, or is not what its receipt says. */
export class PartDamagedError extends ScytheError {
  constructor(
    readonly uri: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('PART_DAMAGED', `${uri} is damaged: ${problem} Resume the run.`, options)
  }
}

/** Receipts that were gathered do not count any more: another root has found a part of theirs damaged, and had it made again. */
export class ReceiptsChangedError extends ScytheError {
  constructor(readonly run: string) {
    super('RECEIPTS_CHANGED', `Damaged rows of ${run} were made again while its tables were made. Resume the run.`)
  }
}

/** What came as a task is none, or does not fit its run: anybody may send to an engine's names. Nothing was done with it. */
export class TaskInvalidError extends ScytheError {
  constructor(
    readonly field: string,
    readonly value: unknown,
    readonly expected: string,
  ) {
    const got = value === undefined ? 'nothing' : show(value)
    super('TASK_INVALID', `Expected ${field || 'the input'} of a task to be ${expected}, got ${got}.`)
  }
}

/** A task asks for what its worker does for nobody: it names a store or code that the worker was not started with. Nothing was done with it. */
export class TaskForbiddenError extends ScytheError {
  constructor(readonly reason: string) {
    super('TASK_FORBIDDEN', `The task is refused: ${reason}`)
  }
}

/** The experiment in this process has other schemas than the run was allocated with. */
export class SchemasDifferError extends ScytheError {
  constructor(
    readonly run: string,
    readonly experiment: string,
    readonly differing: readonly string[],
  ) {
    super(
      'SCHEMAS_DIFFER',
      `${run} was allocated with another ${differing.join(' and ')} schema of ${experiment}. ` +
        'Run it with the code it was allocated with, or allocate a new version.',
    )
  }
}

/** A task ended three times without the receipt of its range, for a reason that is not its specs'. */
export class NodeFailedError extends ScytheError {
  constructor(
    readonly run: string,
    readonly start: number,
    readonly end: number,
    options: ErrorOptions,
  ) {
    const cause = options.cause instanceof Error ? options.cause.message : String(options.cause)
    super('NODE_FAILED', `Specs ${start} to ${end - 1} of ${run} could not be run: ${cause}`, options)
  }
}

/** A spec that came by itself has no result. Code, message and stack are those of its error. */
export class SpecFailedError extends ScytheError {
  /** Tries made. */
  readonly attempts: number
  /** The worker's name. */
  readonly worker: string

  constructor(
    readonly experiment: string,
    { code, message, stack, attempts, worker }: Omit<SpecError, 'name' | 'seconds'>,
  ) {
    super(code, message)
    this.attempts = attempts
    this.worker = worker
    if (stack !== null) this.stack = stack
  }
}

/** Failures that are the worker's own matter: another one may do the same task. */
export const REFUSALS: ReadonlySet<string> = new Set(['SCHEMAS_DIFFER', 'EXPERIMENT_NOT_LOADED', 'LABEL_MISSING'])

/** Failures that no other attempt will mend. */
export const FINAL: ReadonlySet<string> = new Set(['TASK_INVALID', 'TASK_FORBIDDEN', 'TASK_KILLS_WORKERS'])

/**
 * How a task may end so that it can only lie with its specs: its workers died under it, one after the other. Rows are for good, so nothing
 * else makes any of a batch: what is cancelled, a store or an engine that is away, a worker that stops or lacks the code say nothing of
 * the specs, and neither does what nobody has thought of.
 */
const DEADLY: ReadonlySet<string> = new Set(['TASK_DEADLY', 'TASK_KILLS_WORKERS'])

export function liesWithSpecs(error: unknown): boolean {
  return DEADLY.has(codeOf(error))
}

/** How one spec that was a task of its own may end by itself. `TASK_FAILED` is what others say. */
const SPECS_OWN: ReadonlySet<string> = new Set([
  'FILE_UNAVAILABLE',
  'OUTPUT_INVALID',
  'OUTPUT_TOO_LARGE',
  'SPECS_INVALID',
  'SPEC_CRASHED',
  'SPEC_EXITED',
  'SPEC_FAILED',
  'SPEC_OUT_OF_MEMORY',
  'SPEC_TIMED_OUT',
  'TASK_FAILED',
])

export function isSpecsOwn(error: unknown): boolean {
  return SPECS_OWN.has(codeOf(error))
}

/** The code of anything that was thrown. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code)
}
