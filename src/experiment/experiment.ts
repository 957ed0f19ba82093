import type { z } from 'zod'
import type { DesiredWorkerLabels } from './labels.js'
import type { UndeclaredFields } from './undeclared.js'

/** What a spec's function is handed beside the spec: what belongs to this one try at it. */
export interface ExperimentContext {
  /** Lines for the worker's log, marked with the experiment and the spec. Never stdout. */
  readonly log: ExperimentLog
  /** A folder of this try's own, made when first asked for and removed after it. */
  readonly tempdir: string
  /** Aborts when the time limit is over or the run is cancelled. A function that does not listen is ended with its process. */
  readonly signal: AbortSignal
  /** 1 for the first try, 2 for the first retry. */
  readonly attempt: number
  /** `<base id>/<version>/<timestamp>`: the run. */
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

/** How long to wait before a spec's n-th retry: `min(seconds · factor^(n-1), maxSeconds)`. */
export interface Backoff {
  /** Default 1. */
  readonly seconds: number
  /** Default 2. */
  readonly factor: number
  /** Default 60. */
  readonly maxSeconds: number
}

// biome-ignore lint/suspicious/noExplicitAny: the function's own types are kept by `register`, not by the registry
export type ExperimentFunction = (spec: any, ctx: ExperimentContext) => unknown

/** A registered experiment: options compiled, every default filled in. */
export interface Experiment {
  /** The name on the wire: `scythe_experiment_<snake_case function name>` unless named. */
  readonly name: string
  readonly description: string | undefined
  readonly fn: ExperimentFunction
  readonly input: z.ZodObject
  readonly output: z.ZodObject
  /** The user's tables, name to the schema of a row. */
  readonly tables: Readonly<Record<string, z.ZodObject>>
  /** Limit of one try at one spec, in ms; 1 hour unless set. */
  readonly executionTimeout: number
  /** How long a task may wait in a queue, in ms; `undefined`: days. */
  readonly scheduleTimeout: number | undefined
  /** Tries after the first one. Default 0. */
  readonly retries: number
  readonly backoff: Backoff
  /** What a worker must have. Default: nothing. */
  readonly desiredWorkerLabels: DesiredWorkerLabels
  /** Bytes that specs may add to the resident memory of their process; `undefined`: a slot's share of the machine. */
  readonly memory: number | undefined
  /** What specs share: the process of a slot, or nothing. Default `'slot'`. */
  readonly isolation: 'slot' | 'spec'
  /** Specs in a batch; `undefined`: chosen from the time that the first specs take. */
  readonly batch: number | undefined
  /** What becomes of fields that the function returns and that are not declared. */
  readonly undeclaredFields: UndeclaredFields
  /** Folders from which files may be returned, besides `ctx.tempdir`. */
  readonly outputFolders: readonly string[]
  /** URL of the module that called `register`: what another process imports to have the experiment. */
  readonly module: string
}
