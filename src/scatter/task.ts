import type { DesiredWorkerLabels } from '../experiment/labels.js'
import type { Node } from './plan.js'

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
}

/** A task that an engine has taken. */
export interface TaskHandle {
  readonly id: string
  /** Settles when a worker begins it; stays open where an engine cannot tell. */
  readonly started: Promise<void>
  /** What the task gave. Rejects where it failed or was cancelled. */
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
  /** This task's id, and that of the run's root task. */
  readonly id: string
  readonly rootId: string
  readonly worker: string
  /** Aborts when the run is cancelled or the worker stops. */
  readonly signal: AbortSignal
  /** Children that a fan should have under way at once. */
  readonly window: number
  /** `key` is the same for the same child whenever a fan is run again. */
  spawn(task: Task, key: string): TaskHandle
  report(progress: Progress): void
}

/** The two kinds of work. What they give is small: a receipt. */
export interface Handlers {
  fan(task: Task, host: TaskHost): Promise<unknown>
  leaf(task: Task, host: TaskHost): Promise<unknown>
}
