import type { Experiment } from '../experiment/experiment.js'
import type { DesiredWorkerLabels } from '../experiment/labels.js'
import type { Node } from './plan.js'

/** The message that an engine carries: a node of a run. Never a table. */
export interface Task extends Node {
  readonly kind: 'fan' | 'leaf'
  /** The address of the store. */
  readonly store: string
  /** The run's folder in the store, which is its experiment id. */
  readonly run: string
  readonly experiment: string
  /** The labels that a worker must have to run the task. */
  readonly labels: DesiredWorkerLabels
  /**
   * Whether each spec is a task of its own, under the experiment's name, that other workers serve.
   */
  readonly remote?: boolean | undefined
  /**
   * The tag of the run's schemas. An engine may use it to choose a worker that has the same
   * schemas; the leaf checks them in any case.
   */
  readonly schemas?: string | undefined
}

/** One spec as a task of its own, under the experiment's name. It returns the spec's output. */
export interface SingleTask extends Omit<Task, 'kind'> {
  readonly kind: 'single'
  readonly input: Readonly<Record<string, unknown>>
}

/**
 * The outcome of a task. `id` is the task's id on its engine; empty if the engine never had the
 * task.
 *
 * - `returned`: the task returned this value; null if the value was too large to carry.
 * - `failed`: `error` has the code and the message of the error on the worker. A task that was
 *   given up because its workers died has the code `TASK_DEADLY`.
 * - `lost`: the engine does not know the task (any more). It may never have begun.
 * - `expired`: no worker took the task within the time that it may wait.
 * - `cancelled`: the task was stopped, by itself or with its run.
 * - `requeued`: the last worker requeued the task, and the engine did not start it again.
 */
export type TaskEnd = { readonly id: string } & (
  | { readonly status: 'returned'; readonly value: unknown }
  | { readonly status: 'failed'; readonly error: Error; readonly thrown?: ThrownElsewhere | undefined }
  | { readonly status: 'lost' | 'expired' | 'cancelled' | 'requeued'; readonly error: Error }
)

/** The exception of a failed task, if its worker reported more than a code and a message. */
export interface ThrownElsewhere {
  readonly name: string
  readonly stack: string
}

/** A task that an engine has taken. */
export interface TaskHandle {
  /**
   * Resolves when a worker begins the task. An engine watches for that only if this method is
   * called.
   */
  started(): Promise<void>
  /** Resolves with the outcome of the task. Never rejects. */
  readonly done: Promise<TaskEnd>
  /** Stops the task and all tasks that it spawned. */
  cancel(): Promise<void>
}

/**
 * The progress of a batch: the number of its specs that are done, and the number of errors among
 * them.
 */
export interface Progress {
  readonly start: number
  readonly end: number
  readonly done: number
  readonly errors: number
}

/** The engine as a task sees it: everything that scatter knows of the engine. */
export interface TaskHost {
  /**
   * The experiment under whose name the task was sent, if the engine knows tasks by names. It must
   * be the experiment of the run.
   */
  readonly experiment?: string
  /** The id of this task; `rootId` is the id of the run's root task. */
  readonly id: string
  readonly rootId: string
  readonly worker: string
  /** Aborts when the run is cancelled or the worker stops. */
  readonly signal: AbortSignal
  /** Number of children that a fan should keep in flight. */
  readonly window: number
  /**
   * Submits a child. `key` is the same for a child whenever its fan runs again. A child that a
   * worker refuses (`isRefusal`) goes to another worker: its handle ends with the refusal only if
   * no other worker will come. Throws if the task has ended, or if the engine has no such tasks.
   */
  spawn(task: Task | SingleTask, key: string): TaskHandle
  report(progress: Progress): void
}

/**
 * The slot that a task takes on a worker. A fan takes a slot for fans; a leaf and a single spec
 * take a slot for leaves.
 */
export type TaskKind = 'fan' | 'leaf' | 'single'

/** The task of a run's node. `Engine.submit` takes it, and fans spawn it. */
export interface NodeTaskDefinition {
  readonly takes: 'node'
  readonly kind: 'fan' | 'leaf'
  /**
   * The experiments whose batches the worker takes, for an engine that tells them apart. Default:
   * all experiments that this process has registered.
   */
  readonly experiments?: readonly Experiment[] | undefined
  /** Runs the task. Resolves with a small value: a receipt. */
  run(task: Task, host: TaskHost): Promise<unknown>
}

/**
 * A task that anyone may send to an engine, under a name of its own, with an input of its own as
 * JSON.
 */
export interface InputTaskDefinition {
  readonly takes: 'input'
  readonly kind: TaskKind
  readonly name: string
  readonly description?: string | undefined
  /** The experiment whose labels and time limits the task has. */
  readonly experiment?: Experiment | undefined
  /** The JSON Schema of the input, for an engine that shows a form. */
  readonly form: object
  /**
   * Returns the run that an input is about, and the experiment whose single specs the task spawns.
   * Absent if the task spawns none. Throws `TaskInvalidError`.
   */
  spawns?(input: unknown): { readonly run: string; readonly experiment: string }
  /** Runs the task. Resolves with its output as JSON. */
  run(input: unknown, host: TaskHost): Promise<object>
}

/** A task that a worker serves. */
export type TaskDefinition = NodeTaskDefinition | InputTaskDefinition

/**
 * Returns the definition of the fans or of the leaves that a worker serves, or `undefined` if it
 * serves none.
 */
export function nodeDefinition(
  tasks: readonly TaskDefinition[],
  kind: NodeTaskDefinition['kind'],
): NodeTaskDefinition | undefined {
  return tasks.find((task): task is NodeTaskDefinition => task.takes === 'node' && task.kind === kind)
}

/** Returns the value of a task that returned. Throws the error of a task that ended otherwise. */
export function returnedValue(end: TaskEnd): unknown {
  if (end.status === 'returned') return end.value
  throw end.error
}
