import { ScytheError } from '../errors.js'
import type { SpecError } from '../execute/spec-error.js'

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
  constructor(
    readonly uri: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('RUN_OBJECT_INVALID', `${uri} cannot be read: ${problem}`, options)
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

/** Failures of the worker or of the code's being there, which say nothing of the specs: never made into error rows. */
export const NOT_THE_SPECS: ReadonlySet<string> = new Set([
  'EXPERIMENT_NOT_LOADED',
  'SCHEMAS_DIFFER',
  'STORE_UNUSABLE',
  'RUN_OBJECT_INVALID',
  'COUNT_MISMATCH',
])
