import type { Experiment } from '../experiment/experiment.js'
import type { SpecError } from '../experiment/spec-error.js'
import type { TableSlice } from '../table/slice.js'
import type { Batch, FinishedRows } from './executor.js'
import type { SerializedError } from './serialize-error.js'

/** The parameters with which a child process is started, as JSON in its first argument. */
export interface Boot {
  readonly statusFile: string
  /**
   * The process's own folder, for temporary folders of attempts and for outgoing files. The pool
   * removes it after the process has exited.
   */
  readonly folder: string
  readonly poolFolder: string
  /**
   * Memory in bytes that specs may use beyond the memory of the process with all modules loaded.
   */
  readonly memory: number
  readonly worker: string
  /**
   * The key that accompanies every message to the process, because user code may send messages to
   * its own process.
   */
  readonly key: string
  readonly parentPid: number
  /** The command-line arguments of the program, because a module may read them. */
  readonly argv: readonly string[]
}

/** The attempts of a spec that ended in an earlier, exited process, as known to the pool. */
export interface KnownAttempts {
  readonly sortIndex: number
  readonly attempts: number
  /** Set if no attempt is left: the process then records this error row. */
  readonly error: SpecError | undefined
}

/** The options of an experiment that a pool needs to supervise a process that runs it. */
export interface Limits {
  /** The time limit of one attempt, in ms. */
  readonly executionTimeout: number
  readonly retries: number
  readonly isolation: Experiment['isolation']
}

/** An order to run the specs from `next` to `end` (exclusive), which are part of the batch. */
export interface Order {
  readonly batch: Batch
  readonly next: number
  readonly end: number
  readonly known: readonly KnownAttempts[]
  /** Whether the order requires a process that has started no spec before. */
  readonly alone: boolean
  /** Whether to check the shared state after each spec, and not only before rows are sent. */
  readonly careful: boolean
  /**
   * Whether to write the start of every attempt to the status file, and not only of those that take
   * a while.
   */
  readonly exact: boolean
}

/** Why a process ends itself. It has already sent the rows that can be trusted. */
export type LastWord =
  /** An error was not caught. `owned`: the error is known to come from the current spec. */
  | { readonly type: 'uncaught'; readonly thrown: SerializedError; readonly owned: boolean }
  /** The shared state was changed by one of the specs that ran since rows were last sent. */
  | { readonly type: 'changed'; readonly what: string }
  /**
   * The current attempt cannot be judged: earlier specs may have influenced it through leftover
   * work.
   */
  | { readonly type: 'suspect'; readonly reason: string }
  /** Scythe's own code failed. */
  | { readonly type: 'broken'; readonly thrown: SerializedError }

/** A message from the pool to a child process. */
export type ToProcess =
  | { readonly type: 'load'; readonly experiment: string; readonly modules: readonly string[] }
  | ({ readonly type: 'run' } & Order)
  | { readonly type: 'specs'; readonly slice: TableSlice }
  | { readonly type: 'file'; readonly uri: string; readonly path: string }
  | { readonly type: 'no-file'; readonly uri: string; readonly reason: string }
  /** Acknowledges rows: the host has received them. */
  | { readonly type: 'taken' }
  | { readonly type: 'cancel' }
  /** Tells an idle process to exit. */
  | { readonly type: 'leave' }

/** A message from a child process to its pool. */
export type FromProcess =
  | { readonly type: 'loaded'; readonly limits: Limits }
  | { readonly type: 'not-loaded'; readonly reason: string }
  | { readonly type: 'read-specs'; readonly row: number }
  | { readonly type: 'fetch-file'; readonly uri: string }
  | { readonly type: 'rows'; readonly rows: FinishedRows }
  /** The order is done after `seconds` of running, and all its rows were sent. */
  | { readonly type: 'done'; readonly seconds: number }
  /** The batch was cancelled, and the process is free again. */
  | { readonly type: 'stopped' }
  /** The process is about to end itself. */
  | { readonly type: 'leaving'; readonly word: LastWord }

/** Maximum number of row messages that a process may send without an acknowledgement. */
export const ROWS_ON_THE_WAY = 2
