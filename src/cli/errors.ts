import { ScytheError } from '../errors.js'

/** The command line is not valid. */
export class UsageError extends ScytheError<'USAGE'> {
  constructor(message: string, options?: ErrorOptions) {
    super('USAGE', message, options)
  }
}

/** A user's module does not exist, does not compile, or throws. */
export class ModuleNotLoadedError extends ScytheError<'MODULE_NOT_LOADED'> {
  constructor(
    readonly module: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super('MODULE_NOT_LOADED', `${module} could not be loaded: ${reason}`, options)
  }
}

/** A module has no experiment, or several, so it is not clear which experiment to run. */
export class ExperimentUnclearError extends ScytheError<'EXPERIMENT_UNCLEAR'> {
  constructor(
    readonly module: string,
    readonly experiments: readonly string[],
  ) {
    const message =
      experiments.length === 0
        ? `${module} has no experiment. Wrap a function of it in ExperimentRegistry.register({ input, output })(…), or export a remoteExperiment.`
        : `${module} has several experiments: say which one with --experiment (${experiments.join(', ')}).`
    super('EXPERIMENT_UNCLEAR', message)
  }
}

/** A table of specs cannot be read. */
export class SpecsUnreadableError extends ScytheError<'SPECS_UNREADABLE'> {
  constructor(
    readonly file: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('SPECS_UNREADABLE', `The specs in ${file} cannot be read: ${problem}`, options)
  }
}

/** Several runs have this name. */
export class RunAmbiguousError extends ScytheError<'RUN_AMBIGUOUS'> {
  constructor(
    readonly run: string,
    readonly candidates: readonly string[],
  ) {
    super('RUN_AMBIGUOUS', `Several runs end in ${run}:\n${candidates.map((id) => `  ${id}`).join('\n')}`)
  }
}

/** Ctrl-C stopped the command. Specs that have a receipt stay done. */
export class CommandStoppedError extends ScytheError<'CANCELLED'> {
  constructor(
    /** The run; `undefined` if no run was started yet. */
    readonly run?: string,
    resume?: string,
  ) {
    super(
      'CANCELLED',
      run ? `Stopped; what is done is kept. Resume it: ${resume}` : 'Stopped before anything was started.',
    )
  }
}

/** Ctrl-C ended the command, and the run continues without this process. */
export class InterruptedError extends ScytheError<'INTERRUPTED'> {
  constructor(
    readonly run: string,
    /** Whether the engine is known to have the run. */
    certain: boolean,
    ways: string,
  ) {
    super('INTERRUPTED', `${run} ${certain ? 'goes' : 'may go'} on without this terminal.\n${ways}`)
  }
}
