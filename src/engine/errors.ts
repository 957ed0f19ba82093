import { ScytheError } from '../errors.js'

/** No worker has what the experiment asks for. */
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

/** The run was stopped before it was done. What has a receipt stays done. */
export class TaskCancelledError extends ScytheError<'CANCELLED'> {
  constructor(readonly run: string) {
    super('CANCELLED', `${run} was stopped. Resume it to go on from what is done.`)
  }
}

/** The engine that was asked for cannot be had. */
export class EngineUnavailableError extends ScytheError<'ENGINE_UNAVAILABLE'> {
  constructor(
    readonly engine: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('ENGINE_UNAVAILABLE', `The engine ${engine} cannot be used: ${reason}`, options)
  }
}

/** The engine has given up a worker that still runs. Start it again. */
export class WorkerLostError extends ScytheError<'WORKER_LOST'> {
  constructor(
    readonly worker: string,
    readonly reasons: readonly string[],
  ) {
    super('WORKER_LOST', `${worker} gets no more work: ${reasons.join('; ')}. Start it again.`)
  }
}
