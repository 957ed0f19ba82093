import type { Experiment } from '../experiment/experiment.js'
import type { WorkerLabels } from '../experiment/labels.js'
import type { IncludedWorkflow } from '../experiment/registry.js'
import type { Progress, Task, TaskDefinition, TaskHandle } from '../scatter/task.js'

/** The requirements that the leaves of a run have of a worker. */
export type Needs = Pick<Task, 'experiment' | 'labels' | 'remote' | 'schemas'>

/** Work that a worker refused because it cannot do it, although another worker may. */
export interface Refusal {
  readonly run: string
  readonly experiment: string
  readonly error: Error
  /** Time in ms for which the worker takes none of this experiment. Absent if it cannot serve this run alone. */
  readonly pause?: number
}

/** How a worker presents itself to an engine. */
export interface WorkerOptions {
  readonly name: string
  /** Leaf tasks at a time. A worker with 0 takes none. */
  readonly slots: number
  readonly labels: WorkerLabels
  /** Fan tasks at a time, on an engine that counts them: they mostly wait. Default 1000. A worker with 0 takes none. */
  readonly durableSlots?: number
  /** Workflows of the engine's own kind to serve beside the tasks. */
  readonly workflows?: readonly IncludedWorkflow[]
  /** Called when the worker refuses work, once a run and a pause. */
  onRefusal?(refusal: Refusal): void
}

/** A worker that an engine feeds. */
export interface WorkerHandle {
  /** Rejects if the engine feeds the worker no more. Stays pending otherwise. */
  readonly lost: Promise<never>
  /** Returns the number of tasks in flight, those of workflows among them. */
  busy(): number
  /** Resolves with the reasons why the worker can take no work from the engine now. Empty if it can. */
  problems(): Promise<string[]>
  /**
   * Takes no more work, waits for the tasks in flight, and leaves. Tasks that still run after `drain` ms
   * (default: no limit) are requeued if the engine can: their signals abort, and another worker starts them.
   */
  close(options?: { readonly drain?: number }): Promise<void>
}

/** The root task of a run that an engine has taken. */
export interface RootHandle extends TaskHandle {
  readonly id: string
}

/** The root task of a run that an engine took earlier, from this process or from another one. */
export interface FoundRoot {
  /** `running` from the queue on, until the task has ended. */
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Why the task failed. */
  readonly failure?: Error
  /** Waits for the task as its submitter does. */
  join(options?: SubmitOptions): RootHandle
}

export interface SubmitOptions {
  /** Called with the progress of the run's batches that run in this process. */
  onProgress?(progress: Progress): void
}

/** What an engine can do beyond `submit`, `serve` and `cancel`. */
export interface EngineAbilities {
  /** Tasks go on after the process that submitted them has ended; workers may be other processes. */
  readonly outlivesProcess: boolean
  /** `find` returns the root of a run by its id, to be joined. Without it, `find` returns `undefined`. */
  readonly joins: boolean
  /** Fans may spawn single specs (`SingleTask`), which any worker of the experiment's name serves. */
  readonly specTasks: boolean
  /** `runWorkflow` runs workflows of the engine's own kind. Without it, `runWorkflow` rejects. */
  readonly workflows: boolean
  /** A task that no worker takes in time ends as `expired`. */
  readonly expires: boolean
  /** A worker that leaves gives its tasks to other workers: a task may be delivered more than once. */
  readonly requeues: boolean
}

/**
 * Moves tasks to workers. An engine delivers each task at least once, may deliver it twice, and may
 * lose a notice: certainty comes from the receipts in the store.
 */
export interface Engine {
  /** The engine's name in messages. */
  readonly name: string
  /** Where tasks run, as it follows "runs" in a sentence: `in this process`. */
  readonly location: string
  readonly abilities: EngineAbilities

  // Runs

  /** Submits the root task of a run. */
  submit(task: Task, options?: SubmitOptions): Promise<RootHandle>
  /** Resolves with the root of `run` that has this id; with `undefined` if the engine knows none, or no more. */
  find(id: string, run: string): Promise<FoundRoot | undefined>
  /**
   * Stops all tasks of a run, whoever submitted them and wherever they are. An engine may be late to know
   * the run's tasks, but not its root, by the root's id.
   */
  cancel(run: string, root?: string): Promise<void>

  // Workflows

  /** Runs a workflow of the engine's own kind. It returns `{ [task]: output }`, or a standalone task's own output. */
  runWorkflow(
    workflow: IncludedWorkflow,
    input: object,
    metadata: Readonly<Record<string, string>>,
  ): Promise<Pick<RootHandle, 'id' | 'done' | 'cancel'>>

  // Workers

  /** Serves these tasks, within the worker's slots and labels. */
  serve(tasks: readonly TaskDefinition[], worker: WorkerOptions): Promise<WorkerHandle>
  /** Resolves with the labels, or requirements in words, that no worker meets now. Empty if leaves can run. */
  lacking(needs: Needs): Promise<string[]>
  /** Readies this process for an experiment's tasks while specs are still written. Does nothing if they run elsewhere. */
  prepare(experiment: Experiment): void

  // Lifecycle

  /** Checks that the engine answers. Throws `EngineUnavailableError` if it does not, or if it refuses the token. */
  checkReachable(): Promise<void>
  close(): Promise<void>
}
