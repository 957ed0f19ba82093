import type { z } from 'zod'
import type { DesiredWorkerLabels } from './labels.js'
import type { UndeclaredFields } from './undeclared.js'

/** The second argument of an experiment's function. It describes the current attempt at a spec. */
export interface ExperimentContext {
  /**
   * Writes lines to the worker's log, marked with the experiment and the spec. It never writes to
   * stdout.
   */
  readonly log: ExperimentLog
  /**
   * A folder for this attempt alone. It is created at the first access and removed after the
   * attempt.
   */
  readonly tempdir: string
  /**
   * Aborts when the time limit is over or the run is cancelled. If a function does not react, its
   * process is ended.
   */
  readonly signal: AbortSignal
  /** The number of the attempt: 1 for the first attempt, 2 for the first retry. */
  readonly attempt: number
  /** The id of the run: `<base id>/<version>/<timestamp>`. */
  readonly experimentId: string
  /** The spec's row in `specs.pq`, from 0. */
  readonly sortIndex: number
  /** The id of the task that runs this spec's batch. */
  readonly workflowRunId: string
  /** The id of the run's root task. */
  readonly rootWorkflowRunId: string
}

export interface ExperimentLog {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** The wait before a spec's n-th retry: `min(seconds · factor^(n-1), maxSeconds)`. */
export interface Backoff {
  /** The wait before the first retry, in seconds. Default: 1. */
  readonly seconds: number
  /** The factor by which the wait grows with each retry. Default: 2. */
  readonly factor: number
  /** The longest wait, in seconds. Default: 60. */
  readonly maxSeconds: number
}

// biome-ignore lint/suspicious/noExplicitAny: the function's own types are kept by `register`, not by the registry
export type ExperimentFunction = (spec: any, ctx: ExperimentContext) => unknown

/** A registered experiment, with its options compiled and every default filled in. */
export interface Experiment {
  /** The name on the engine. Default: `scythe_experiment_<snake_case function name>`. */
  readonly name: string
  readonly description: string | undefined
  readonly fn: ExperimentFunction
  readonly input: z.ZodObject
  readonly output: z.ZodObject
  /** The user's tables: the schema of a row by the table's name. */
  readonly tables: Readonly<Record<string, z.ZodObject>>
  /** The time limit of one attempt at one spec, in ms. Default: 1 hour. */
  readonly executionTimeout: number
  /** How long a task may wait in a queue, in ms; `undefined` means days. */
  readonly scheduleTimeout: number | undefined
  /** The number of attempts after the first one. Default: 0. */
  readonly retries: number
  readonly backoff: Backoff
  /** The labels that a worker must have. Default: none. */
  readonly desiredWorkerLabels: DesiredWorkerLabels
  /**
   * The number of bytes that specs may add to the resident memory of their process; `undefined`
   * means a slot's share of the machine's memory.
   */
  readonly memory: number | undefined
  /**
   * The resources that specs share: the process of a slot (`'slot'`), or nothing (`'spec'`).
   * Default: `'slot'`.
   */
  readonly isolation: 'slot' | 'spec'
  /**
   * The number of specs in a batch; `undefined` means that it is chosen from the time that the
   * first specs take.
   */
  readonly batch: number | undefined
  /** How undeclared fields are treated that the function returns. */
  readonly undeclaredFields: UndeclaredFields
  /** The folders from which files may be returned, besides `ctx.tempdir`. */
  readonly outputFolders: readonly string[]
  /**
   * The URL of the module that called `register`. Another process imports it to load the
   * experiment.
   */
  readonly module: string
}
