import { codesOf, faultOf } from '../error-codes.js'
import { ScytheError } from '../errors.js'
import type { SpecError } from '../experiment/spec-error.js'
import { formatValue } from '../experiment/values.js'

/** What was run does not add up to what was asked for. Nothing is called done; the parts stay where they are. */
export class CountMismatchError extends ScytheError<'COUNT_MISMATCH'> {
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
export class RunObjectInvalidError extends ScytheError<'RUN_OBJECT_INVALID'> {
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
export class PartDamagedError extends ScytheError<'PART_DAMAGED'> {
  constructor(
    readonly uri: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('PART_DAMAGED', `${uri} is damaged: ${problem} Resume the run.`, options)
  }
}

/** Receipts that were gathered do not count any more: another root has found a part of theirs damaged, and had it made again. */
export class ReceiptsChangedError extends ScytheError<'RECEIPTS_CHANGED'> {
  constructor(readonly run: string) {
    super('RECEIPTS_CHANGED', `Damaged rows of ${run} were made again while its tables were made. Resume the run.`)
  }
}

/** What came as a task is none, or does not fit its run: anybody may send to an engine's names. Nothing was done with it. */
export class TaskInvalidError extends ScytheError<'TASK_INVALID'> {
  constructor(
    readonly field: string,
    readonly value: unknown,
    readonly expected: string,
  ) {
    const got = value === undefined ? 'nothing' : formatValue(value)
    super('TASK_INVALID', `Expected ${field || 'the input'} of a task to be ${expected}, got ${got}.`)
  }
}

/** A task asks for what its worker does for nobody: it names a store or code that the worker was not started with. Nothing was done with it. */
export class TaskForbiddenError extends ScytheError<'TASK_FORBIDDEN'> {
  constructor(readonly reason: string) {
    super('TASK_FORBIDDEN', `The task is refused: ${reason}`)
  }
}

/** The experiment in this process has other schemas than the run was allocated with. */
export class SchemasDifferError extends ScytheError<'SCHEMAS_DIFFER'> {
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
export class NodeFailedError extends ScytheError<'NODE_FAILED'> {
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
export class SpecFailedError extends ScytheError<string> {
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

const REFUSALS = codesOf('worker')

/** Returns whether a worker failed a task for a reason of its own, so that another worker may do the task. */
export function isRefusal(error: unknown): boolean {
  return REFUSALS.has(codeOf(error))
}

/** Failures that no other attempt mends. */
export const FINAL = codesOf('message')

/**
 * Codes of tasks whose workers died under them, one after the other: the only end of a batch that its specs may be the reason for. Rows
 * are for good, so no other end makes a row of a spec.
 */
const DEADLY: ReadonlySet<string> = new Set(['TASK_DEADLY', 'TASK_KILLS_WORKERS'])

/** Returns whether the specs of a task may be the reason for its end. */
export function liesWithSpecs(error: unknown): boolean {
  return DEADLY.has(codeOf(error))
}

/** Returns whether a spec that is a task of its own failed by itself. */
export function isSpecsOwn(error: unknown): boolean {
  return faultOf(error) === 'spec' || codeOf(error) === 'SPECS_INVALID'
}

/** Returns the code of anything that was thrown. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code)
}
