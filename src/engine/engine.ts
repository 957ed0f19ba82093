import type { Experiment } from '../experiment/experiment.js'
import type { DesiredWorkerLabels, WorkerLabels } from '../experiment/labels.js'
import type { Handlers, Progress, Task, TaskHandle } from '../scatter/task.js'

/** What a worker offers an engine. */
export interface WorkerOptions {
  readonly name: string
  /** Leaf tasks at once. */
  readonly slots: number
  readonly labels: WorkerLabels
}

/** A worker that an engine feeds. */
export interface Serving {
  /** Takes no more work, waits for what runs, and leaves. */
  close(): Promise<void>
}

/**
 * What moves tasks to workers. Delivery is at least once, and a notice may be lost: whoever needs certainty looks for
 * receipts in the store.
 */
export interface Engine {
  readonly name: 'local' | 'hatchet' | 'embedded'
  /** The labels asked for that no worker has now. */
  missingLabels(desired: DesiredWorkerLabels): Promise<string[]>
  /** Readies this process for an experiment's tasks, while specs are still being written. Nothing where they run elsewhere. */
  prepare(experiment: Experiment): void
  /** Hands over a run's root task. `onProgress` hears of its batches where they run in this process. */
  submit(task: Task, options?: { onProgress?(progress: Progress): void }): Promise<TaskHandle>
  /** Feeds tasks to `handlers`, within the worker's slots and labels. */
  serve(handlers: Handlers, worker: WorkerOptions): Promise<Serving>
  close(): Promise<void>
}
