import type { Experiment } from '../experiment/experiment.js'
import type { WorkerLabels } from '../experiment/labels.js'
import type { IncludedWorkflow } from '../experiment/registry.js'
import type { Progress, Task, TaskDefinition, TaskHandle } from '../scatter/task.js'

/** The requirements of a run's leaf tasks for a worker. */
export type Needs = Pick<Task, 'experiment' | 'labels' | 'remote' | 'schemas'>

/** Work that a worker refused because it cannot do it, although another worker may be able to. */
export interface Refusal {
  readonly run: string
  readonly experiment: string
  readonly error: Error
  /**
   * Time in ms for which the worker accepts no tasks of this experiment. Absent if it only refuses
   * this run.
   */
  readonly pause?: number
}

/** The options with which a worker registers on an engine. */
export interface WorkerOptions {
  readonly name: string
  /** Number of concurrent leaf tasks. A worker with 0 accepts none. */
  readonly slots: number
  readonly labels: WorkerLabels
  /**
   * Number of concurrent fan tasks, on an engine that counts them: they mostly wait. Default: 1000.
   * A worker with 0 accepts none.
   */
  readonly durableSlots?: number
  /** Workflows of the engine's own kind to serve in addition to the tasks. */
  readonly workflows?: readonly IncludedWorkflow[]
  /** Called when the worker refuses work, once for each run and each pause. */
  onRefusal?(refusal: Refusal): void
}

/** A handle on a worker that receives tasks from an engine. */
export interface WorkerHandle {
  /** Rejects if the engine sends the worker no more tasks. Stays pending otherwise. */
  readonly lost: Promise<never>
  /** Returns the number of tasks in flight, including those of workflows. */
  busy(): number
  /**
   * Resolves with the reasons why the worker cannot accept work from the engine now. Empty if it
   * can.
   */
  problems(): Promise<string[]>
  /**
   * Stops accepting work, waits for the tasks in flight, and disconnects. Tasks that still run
   * after `drain` ms (default: no limit) are requeued if the engine supports it: their signals
   * abort, and another worker starts them again.
   */
  close(options?: { readonly drain?: number }): Promise<void>
}

/** A handle on the root task of a run that an engine has accepted. */
export interface RootHandle extends TaskHandle {
  readonly id: string
}

/**
 * The root task of a run that an engine accepted earlier, from this process or from another one.
 */
export interface FoundRoot {
  /** The task's state. `running` includes the time in the queue. */
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  /** The reason of a failed task. Absent if the task has not failed. */
  readonly failure?: Error
  /** Returns a handle on the task, like the one that its submitter has. */
  join(options?: SubmitOptions): RootHandle
}

export interface SubmitOptions {
  /** Called with the progress of the run's batches that run in this process. */
  onProgress?(progress: Progress): void
}

/** The abilities of an engine beyond `submit`, `serve` and `cancel`. */
export interface EngineAbilities {
  /**
   * Whether tasks continue after the process that submitted them has exited, and workers may be
   * other processes.
   */
  readonly outlivesProcess: boolean
  /**
   * Whether `find` returns the root of a run by its id, to be joined. If not, `find` resolves with
   * `undefined`.
   */
  readonly joins: boolean
  /**
   * Whether fans may spawn single specs (`SingleTask`), which any worker that serves the
   * experiment's name runs.
   */
  readonly specTasks: boolean
  /**
   * Whether `runWorkflow` runs workflows of the engine's own kind. If not, `runWorkflow` rejects.
   */
  readonly workflows: boolean
  /** Whether a task that no worker accepts in time ends as `expired`. */
  readonly expires: boolean
  /**
   * Whether a worker that stops requeues its tasks for other workers: a task may be delivered more
   * than once.
   */
  readonly requeues: boolean
}

/**
 * Moves tasks to workers. An engine delivers each task at least once, may deliver it twice, and may
 * lose a notification: correctness depends only on the receipts in the store.
 */
export interface Engine {
  /** The engine's name in messages. */
  readonly name: string
  /** Where tasks run, worded to follow "runs" in a sentence: `in this process`. */
  readonly location: string
  readonly abilities: EngineAbilities

  // Runs

  /** Submits the root task of a run. */
  submit(task: Task, options?: SubmitOptions): Promise<RootHandle>
  /**
   * Resolves with the root of `run` that has this id, or with `undefined` if the engine does not
   * know it, or no longer does.
   */
  find(id: string, run: string): Promise<FoundRoot | undefined>
  /**
   * Stops all tasks of a run, regardless of their submitter and worker. An engine may learn of the
   * run's tasks with a delay, but finds the root by its id at once.
   */
  cancel(run: string, root?: string): Promise<void>

  // Workflows

  /**
   * Runs a workflow of the engine's own kind. The result is `{ [task]: output }`, or the output
   * alone for a standalone task.
   */
  runWorkflow(
    workflow: IncludedWorkflow,
    input: object,
    metadata: Readonly<Record<string, string>>,
  ): Promise<Pick<RootHandle, 'id' | 'done' | 'cancel'>>

  // Workers

  /** Starts a worker that serves these tasks, within its slots and labels. */
  serve(tasks: readonly TaskDefinition[], worker: WorkerOptions): Promise<WorkerHandle>
  /**
   * Resolves with the labels, or requirements in words, that no connected worker meets now. Empty
   * if leaf tasks can run.
   */
  lacking(needs: Needs): Promise<string[]>
  /**
   * Prepares this process for an experiment's tasks while specs are still being written. Does
   * nothing if the tasks run elsewhere.
   */
  prepare(experiment: Experiment): void

  // Lifecycle

  /**
   * Checks that the engine answers. Rejects with `EngineUnavailableError` if it does not, or if it
   * rejects the token.
   */
  checkReachable(): Promise<void>
  close(): Promise<void>
}
