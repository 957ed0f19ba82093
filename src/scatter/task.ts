import type { Experiment } from '../experiment/experiment.js'
import type { DesiredWorkerLabels } from '../experiment/labels.js'
import type { Node } from './plan.js'
import type { PythonFanInput, PythonFanResult } from './python/input.js'

/** What travels through an engine: which node of which run. Never a table. */
export interface Task extends Node {
  readonly kind: 'fan' | 'leaf'
  /** Address of the store. */
  readonly store: string
  /** The run's folder in it: its experiment id. */
  readonly run: string
  readonly experiment: string
  /** What a worker must have to run it. */
  readonly labels: DesiredWorkerLabels
  /** Whether each spec is a task of its own, under the experiment's name, that others serve. */
  readonly remote?: boolean | undefined
  /** Tag of the run's schemas. Engines that choose give leaves to workers that have the same; the leaf makes sure. */
  readonly schemas?: string | undefined
}

/** One spec as a task of its own, under the experiment's name. `done` gives its `SpecOutcome`. */
export interface SingleTask extends Omit<Task, 'kind'> {
  readonly kind: 'single'
  readonly input: Readonly<Record<string, unknown>>
}

/** How a spec that was a task of its own ended: with an output, which may be anything, or a failure. `id` is the task's. */
export type SpecOutcome = { readonly id: string } & (
  | { readonly output: unknown }
  | { readonly failure: Error & { readonly code: string } }
)

/** A task that an engine has taken. */
export interface TaskHandle {
  /** Settles when a worker begins it. An engine watches for that only where it is asked to. */
  started(): Promise<void>
  /** What the task gave; null where that was too large to carry. Rejects where it failed or was cancelled. */
  readonly done: Promise<unknown>
  /** Stops the task and all that it spawned. */
  cancel(): Promise<void>
}

/** Specs of a batch that are done, errors among them. */
export interface Progress {
  readonly start: number
  readonly end: number
  readonly done: number
  readonly errors: number
}

/** What a task may do: all that scatter knows of the engine it runs on. */
export interface TaskHost {
  /** The experiment whose task this came as, if the engine knows tasks by names: it has to be that of the run. */
  readonly experiment?: string
  /** This task's id, and that of the run's root task. */
  readonly id: string
  readonly rootId: string
  readonly worker: string
  /** Aborts when the run is cancelled or the worker stops. */
  readonly signal: AbortSignal
  /** Children that a fan should have under way at once. */
  readonly window: number
  /**
   * `key` is the same for the same child whenever a fan is run again. What a worker refuses (`REFUSALS`) goes to another one: the
   * handle rejects with that only where no other will come.
   */
  spawn(task: Task | SingleTask, key: string): TaskHandle
  report(progress: Progress): void
}

/** What is known to a spec that came by itself. */
export type SingleHost = Pick<TaskHost, 'id' | 'rootId' | 'worker' | 'signal'>

/** The kinds of work. What fan and leaf give is small: a receipt. */
export interface Handlers {
  fan(task: Task, host: TaskHost): Promise<unknown>
  leaf(task: Task, host: TaskHost): Promise<unknown>
  /** The fan of a run that Python Scythe allocated: gives what Python's fan gives. */
  pythonFan(input: PythonFanInput, host: TaskHost): Promise<PythonFanResult>
  /** One spec that came by itself, as anyone may send it: gives the validated output. */
  single(experiment: Experiment, input: unknown, host: SingleHost): Promise<Record<string, unknown>>
}
