import { ScytheError } from '../errors.js'
import type { ThrownElsewhere } from '../scatter/task.js'

/** Thrown if no worker has the labels that the experiment requires. */
export class LabelMissingError extends ScytheError<'LABEL_MISSING'> {
  constructor(
    readonly experiment: string,
    readonly labels: readonly string[],
  ) {
    const settings = labels.map((label) => `SCYTHE_WORKER_${label.toUpperCase()}=true`).join(' ')
    super(
      'LABEL_MISSING',
      `${experiment} asks for a worker with ${labels.join(' and ')}, and there is none. ` +
        `Start a worker that has it${settings ? ` (${settings})` : ''}.`,
    )
  }
}

/** Thrown if the run was stopped before it was done. Ranges that have a receipt stay done. */
export class RunCancelledError extends ScytheError<'CANCELLED'> {
  constructor(readonly run: string) {
    super('CANCELLED', `${run} was stopped. Resume it to go on from what is done.`)
  }
}

/**
 * Thrown if a task failed on a worker. `code` and `message` are those of the original error; so are
 * the name and the stack, if they are known.
 */
export class TaskFailedError extends ScytheError<string> {
  constructor(
    code: string,
    message: string,
    readonly thrown?: ThrownElsewhere,
  ) {
    super(code, message)
    if (thrown) Object.assign(this, thrown)
  }
}

/** Thrown if the requested engine cannot be used. */
export class EngineUnavailableError extends ScytheError<'ENGINE_UNAVAILABLE'> {
  constructor(
    readonly engine: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('ENGINE_UNAVAILABLE', `The engine ${engine} cannot be used: ${reason}`, options)
  }
}

/** Thrown if the engine has given up a worker that still runs. Restart the worker. */
export class WorkerLostError extends ScytheError<'WORKER_LOST'> {
  constructor(
    readonly worker: string,
    readonly reasons: readonly string[],
  ) {
    super('WORKER_LOST', `${worker} gets no more work: ${reasons.join('; ')}. Start it again.`)
  }
}
