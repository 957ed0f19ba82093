import { codeOf, faultOf } from '../error-codes.js'
import { ScytheError } from '../errors.js'
import type { SpecError } from '../experiment/spec-error.js'
import { formatValue } from '../experiment/values.js'

/**
 * The number of rows does not match the number of specs. Nothing is marked as done; the parts stay
 * where they are.
 */
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

/** An object of a run is not valid. */
export class RunObjectInvalidError extends ScytheError<'RUN_OBJECT_INVALID'> {
  /**
   * Whether Scythe must not replace the object: it is whole and a newer Scythe wrote it, or
   * something that is not an object stands in its place.
   */
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

/** A part is missing, or differs from its receipt. */
export class PartDamagedError extends ScytheError<'PART_DAMAGED'> {
  constructor(
    readonly uri: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('PART_DAMAGED', `${uri} is damaged: ${problem} Resume the run.`, options)
  }
}

/**
 * Gathered receipts no longer count: another root found one of their parts damaged, and had it made
 * again.
 */
export class ReceiptsChangedError extends ScytheError<'RECEIPTS_CHANGED'> {
  constructor(readonly run: string) {
    super('RECEIPTS_CHANGED', `Damaged rows of ${run} were made again while its tables were made. Resume the run.`)
  }
}

/**
 * An input is not a task, or the task does not fit its run: anyone can send to an engine's names.
 * Nothing was done with it.
 */
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

/**
 * A task asks for something that its worker does for nobody: it names a store or code that the
 * worker was not started with. Nothing was done with it.
 */
export class TaskForbiddenError extends ScytheError<'TASK_FORBIDDEN'> {
  constructor(readonly reason: string) {
    super('TASK_FORBIDDEN', `The task is refused: ${reason}`)
  }
}

/**
 * The schemas of the experiment in this process differ from those that the run was allocated with.
 */
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

/** A task ended three times without the receipt of its range, for a reason other than its specs. */
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

/** A standalone spec has no result. Code, message and stack are those of its error. */
export class SpecFailedError extends ScytheError<string> {
  /** The number of attempts made. */
  readonly attempts: number
  /** The name of the worker. */
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

/**
 * Returns whether a worker failed a task for a reason of its own, so that another worker may run
 * the task.
 */
export function isRefusal(error: unknown): boolean {
  return faultOf(error) === 'worker'
}

/** Returns whether no other attempt at a task can repair its failure. */
export function isFinal(error: unknown): boolean {
  return faultOf(error) === 'message'
}

/**
 * Codes of tasks whose workers died, one after the other. This is the only end of a batch that its
 * specs may have caused. Rows are permanent, so no other end makes an error row of a spec.
 */
const DEADLY: ReadonlySet<string | undefined> = new Set(['TASK_DEADLY', 'TASK_KILLS_WORKERS'])

/** Returns whether the specs of a task may have caused its end. */
export function liesWithSpecs(error: unknown): boolean {
  return DEADLY.has(codeOf(error))
}

/** Returns whether a spec that is a task of its own failed because of the spec. */
export function isSpecsOwn(error: unknown): boolean {
  return faultOf(error) === 'spec' || codeOf(error) === 'SPECS_INVALID'
}
