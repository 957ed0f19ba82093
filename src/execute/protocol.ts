import type { Experiment } from '../experiment/experiment.js'
import type { SpecError } from '../experiment/spec-error.js'
import type { TableSlice } from '../table/slice.js'
import type { Batch, FinishedRows } from './executor.js'
import type { SerializedError } from './serialize-error.js'

/** What a process is started with, as JSON in its first argument. */
export interface Boot {
  readonly statusFile: string
  /** Its own, for tries' temporary folders and files on their way out; removed by the pool when the process is gone. */
  readonly folder: string
  readonly poolFolder: string
  /** Bytes that specs may take beside what the process has with all modules loaded. */
  readonly memory: number
  readonly worker: string
  /** What messages to the process have with them: the user's code may send itself some. */
  readonly key: string
  readonly parentPid: number
  /** The arguments that the program was given: a module may read them. */
  readonly argv: readonly string[]
}

/** What a pool knows of a spec from a process that is no more. */
export interface KnownAttempts {
  readonly sortIndex: number
  readonly attempts: number
  /** Set if no attempt is left: the process makes the row of it. */
  readonly error: SpecError | undefined
}

/** What a pool needs to know of an experiment to watch over a process that runs it. */
export interface Limits {
  /** In ms. */
  readonly executionTimeout: number
  readonly retries: number
  readonly isolation: Experiment['isolation']
}

/** To run the specs from `next` to `end`, which is in the batch. */
export interface Order {
  readonly batch: Batch
  readonly next: number
  readonly end: number
  readonly known: readonly KnownAttempts[]
  /** Whether the process must have begun no spec before. */
  readonly alone: boolean
  /** Whether to look after each spec, and not only before rows leave, at what specs share. */
  readonly careful: boolean
  /** Whether it is to be known of each attempt that it begins, and not only of those that take a while. */
  readonly exact: boolean
}

/** Why a process ends itself. What could be trusted of its rows has left before. */
export type LastWord =
  /** Nobody caught it. `owned`: the current spec is known to have left it behind. */
  | { readonly type: 'uncaught'; readonly thrown: SerializedError; readonly owned: boolean }
  /** Something that specs share was changed, by one of the specs since the last rows left. */
  | { readonly type: 'changed'; readonly what: string }
  /** The current spec's attempt cannot be judged: something that others left behind may have had a part in it. */
  | { readonly type: 'suspect'; readonly reason: string }
  /** Our own code failed. */
  | { readonly type: 'broken'; readonly thrown: SerializedError }

/** From the pool to a process. */
export type ToProcess =
  | { readonly type: 'load'; readonly experiment: string; readonly modules: readonly string[] }
  | ({ readonly type: 'run' } & Order)
  | { readonly type: 'specs'; readonly slice: TableSlice }
  | { readonly type: 'file'; readonly uri: string; readonly path: string }
  | { readonly type: 'no-file'; readonly uri: string; readonly reason: string }
  /** Rows that were sent are with the host. */
  | { readonly type: 'taken' }
  | { readonly type: 'cancel' }
  /** It is idle, and is to end. */
  | { readonly type: 'leave' }

/** From a process to its pool. */
export type FromProcess =
  | { readonly type: 'loaded'; readonly limits: Limits }
  | { readonly type: 'not-loaded'; readonly reason: string }
  | { readonly type: 'read-specs'; readonly row: number }
  | { readonly type: 'fetch-file'; readonly uri: string }
  | { readonly type: 'rows'; readonly rows: FinishedRows }
  /** The order is done, after `seconds` of running; all its rows were sent. */
  | { readonly type: 'done'; readonly seconds: number }
  /** The batch was cancelled, and the process is free again. */
  | { readonly type: 'stopped' }
  /** The process is about to end itself. */
  | { readonly type: 'leaving'; readonly word: LastWord }

/** Messages of rows that a process may have sent and not heard of. */
export const ROWS_ON_THE_WAY = 2
