import type { Experiment } from '../experiment/experiment.js'
import type { WorkerLabels } from '../experiment/labels.js'
import type { IncludedWorkflow } from '../experiment/registry.js'
import type { Handlers, Progress, Task, TaskHandle } from '../scatter/task.js'

/** What the leaves of a run need of a worker. */
export type Needs = Pick<Task, 'experiment' | 'labels' | 'remote' | 'schemas'>

/** Work that a worker refused, because it cannot do it and another one may. */
export interface Refusal {
  readonly run: string
  readonly experiment: string
  readonly error: Error
  /** For so long it takes none of this experiment, in ms. Absent where it is only this run that it cannot serve. */
  readonly pause?: number
}

/** What a worker offers an engine. */
export interface WorkerOptions {
  readonly name: string
  /** Leaf tasks at once; 0: it takes none. */
  readonly slots: number
  readonly labels: WorkerLabels
  /** Fan tasks at once, where an engine counts them: they mostly wait. Default 1000; 0: it takes none. */
  readonly durableSlots?: number
  /** Whether it takes the fans of runs that Python Scythe allocates, which only live in buckets. Default: no. */
  readonly pythonFans?: boolean
  /** Whose leaf tasks it takes, where an engine knows them apart. */
  readonly experiments?: readonly Experiment[]
  /** Workflows of the engine's own kind to serve beside them. */
  readonly workflows?: readonly IncludedWorkflow[]
  /** Hears of what it refuses, once a run and a pause. */
  onRefusal?(refusal: Refusal): void
}

/** A worker that an engine feeds. */
export interface WorkerHandle {
  /** Rejects when the engine feeds it no more; stays open otherwise. */
  readonly lost: Promise<never>
  /** Tasks in hand, of workflows too. */
  busy(): number
  /** Why it can take no work from the engine now. Empty where it can. */
  problems(): Promise<string[]>
  /**
   * Takes no more work, waits for what runs, and leaves. What still runs after `drain` ms (default: no limit) is handed back:
   * its signal aborts, and another worker starts it at once.
   */
  close(options?: { readonly drain?: number }): Promise<void>
}

/** The root of a run, as an engine took it. */
export interface RootHandle extends TaskHandle {
  readonly id: string
}

/** A run's root that an engine was handed earlier, by whomever. */
export interface FoundRoot {
  /** `running` until it has ended, from the queue on. */
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Why it failed. */
  readonly failure?: Error
  /** Waits for it as whoever handed it over does. */
  join(options?: SubmitOptions): RootHandle
}

export interface SubmitOptions {
  /** Hears of the run's batches where they run in this process. */
  onProgress?(progress: Progress): void
}

/**
 * What moves tasks to workers. Delivery is at least once, and a notice may be lost: whoever needs certainty looks for
 * receipts in the store.
 */
export interface Engine {
  readonly name: 'local' | 'hatchet' | 'embedded'
  /**
   * Makes sure that there is a way to it. Throws `EngineUnavailableError` where it does not answer, or refuses the token. Missing where
   * the engine is this process.
   */
  checkReachable?(): Promise<void>
  /** What no worker has now that leaves of this run need: labels, or in words. Empty where they can run. */
  lacking(needs: Needs): Promise<string[]>
  /** Readies this process for an experiment's tasks, while specs are still being written. Nothing where they run elsewhere. */
  prepare(experiment: Experiment): void
  /** Hands over a run's root task. */
  submit(task: Task, options?: SubmitOptions): Promise<RootHandle>
  /** The root of `run` that has this id. `undefined` where there is none, or no more. Missing where an engine outlives no process. */
  find?(id: string, run: string): Promise<FoundRoot | undefined>
  /**
   * Runs a workflow of the engine's own kind, and gives its output: `{ [task]: output }`, or a standalone task's own. Missing where
   * the engine has none such.
   */
  runWorkflow?(
    workflow: IncludedWorkflow,
    input: object,
    metadata: Readonly<Record<string, string>>,
  ): Promise<Pick<RootHandle, 'id' | 'done' | 'cancel'>>
  /**
   * Stops all tasks of a run, whoever submitted them and wherever they are. An engine may be late to know which they are, but not of
   * its root, by its id.
   */
  cancel(run: string, root?: string): Promise<void>
  /** Feeds tasks to `handlers`, within the worker's slots and labels. */
  serve(handlers: Handlers, worker: WorkerOptions): Promise<WorkerHandle>
  close(): Promise<void>
}
