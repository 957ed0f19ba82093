import { ScytheError } from '../errors.js'
import { hideSecrets } from '../settings/secrets.js'

/** A process cannot have the experiment: its module fails, or does not register it. */
export class ExperimentNotLoadedError extends ScytheError<'EXPERIMENT_NOT_LOADED'> {
  readonly experiment: string
  readonly module: string

  /** @param reason with stacks where there are some: they go to the cause */
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

/** A batch was stopped: its run was cancelled, or its pool closed. Rows that had left count still. */
export class BatchCancelledError extends ScytheError<'CANCELLED'> {
  readonly start: number
  readonly end: number

  constructor(start: number, end: number, options?: ErrorOptions) {
    super('CANCELLED', `The batch of specs ${start} to ${end - 1} was cancelled.`, options)
    this.start = start
    this.end = end
  }
}

/** A process could not go on with a batch, and not for the sake of a spec. */
export class ProcessFailedError extends ScytheError<'PROCESS_FAILED'> {
  readonly start: number
  readonly end: number

  constructor(start: number, end: number, reason: string, options?: ErrorOptions) {
    super('PROCESS_FAILED', `A process could not run the specs ${start} to ${end - 1}: ${reason}`, options)
    this.start = start
    this.end = end
  }
}

/** A file that a spec needs cannot be had. */
export class FileUnavailableError extends ScytheError<'FILE_UNAVAILABLE'> {
  /** Without passwords and signatures. */
  readonly uri: string
  readonly reason: string

  constructor(address: string, reason: string, options?: ErrorOptions) {
    const uri = hideSecrets(address)
    super('FILE_UNAVAILABLE', `Could not fetch ${uri}: ${hideSecrets(reason)}`, options)
    this.uri = uri
    this.reason = hideSecrets(reason)
  }
}

/** What a function returned does not fit what its experiment declares. */
export class OutputInvalidError extends ScytheError<'OUTPUT_INVALID'> {
  constructor(message: string, options?: ErrorOptions) {
    super('OUTPUT_INVALID', message, options)
  }
}

/** A try took longer than the experiment's time limit. */
export class SpecTimedOutError extends ScytheError<'SPEC_TIMED_OUT'> {
  readonly limit: number

  /** @param limit in ms */
  constructor(limit: number) {
    super('SPEC_TIMED_OUT', `Took longer than its time limit of ${limit / 1000} s (option executionTimeout).`)
    this.limit = limit
  }
}
