import { ScytheError } from '../errors.js'
import { hideSecrets } from '../settings/secrets.js'

/** Thrown if a process cannot load an experiment: its module fails, or does not register it. */
export class ExperimentNotLoadedError extends ScytheError<'EXPERIMENT_NOT_LOADED'> {
  readonly experiment: string
  readonly module: string

  /** @param reason may include stacks, which go to the cause only */
  constructor(experiment: string, module: string, reason: string) {
    const brief = reason.split('\n').filter((line) => !/^\s+at /.test(line))
    super(
      'EXPERIMENT_NOT_LOADED',
      `A process could not load experiment "${experiment}" from ${module}: ${brief.join('\n')}`,
      { cause: reason },
    )
    this.experiment = experiment
    this.module = module
  }
}

/**
 * Thrown if a batch was stopped: its run was cancelled, or its pool was closed. Rows that were sent
 * before still count.
 */
export class BatchCancelledError extends ScytheError<'CANCELLED'> {
  readonly start: number
  readonly end: number

  constructor(start: number, end: number, options?: ErrorOptions) {
    super('CANCELLED', `The batch of specs ${start} to ${end - 1} was cancelled.`, options)
    this.start = start
    this.end = end
  }
}

/** Thrown if a process could not continue a batch for a reason other than a spec. */
export class ProcessFailedError extends ScytheError<'PROCESS_FAILED'> {
  readonly start: number
  readonly end: number

  constructor(start: number, end: number, reason: string, options?: ErrorOptions) {
    super('PROCESS_FAILED', `A process could not run the specs ${start} to ${end - 1}: ${reason}`, options)
    this.start = start
    this.end = end
  }
}

/** Thrown if a file that a spec needs cannot be fetched. */
export class FileUnavailableError extends ScytheError<'FILE_UNAVAILABLE'> {
  /** The address, without passwords and signatures. */
  readonly uri: string
  readonly reason: string

  constructor(address: string, reason: string, options?: ErrorOptions) {
    const uri = hideSecrets(address)
    super('FILE_UNAVAILABLE', `Could not fetch ${uri}: ${hideSecrets(reason)}`, options)
    this.uri = uri
    this.reason = hideSecrets(reason)
  }
}

/**
 * Thrown if the value that a function returned does not match the outputs that its experiment
 * declares.
 */
export class OutputInvalidError extends ScytheError<'OUTPUT_INVALID'> {
  constructor(message: string, options?: ErrorOptions) {
    super('OUTPUT_INVALID', message, options)
  }
}

/** Thrown if an attempt took longer than the experiment's time limit. */
export class SpecTimedOutError extends ScytheError<'SPEC_TIMED_OUT'> {
  readonly limit: number

  /** @param limit the time limit in ms */
  constructor(limit: number) {
    super('SPEC_TIMED_OUT', `Took longer than its time limit of ${limit / 1000} s (option executionTimeout).`)
    this.limit = limit
  }
}
