import type { TableSlice } from '../table/slice.js'
import type { Batch, FinishedRows } from './pool.js'
import type { SpecError } from './spec-error.js'
import type { Thrown } from './thrown.js'

/** What a process is started with, as JSON in its first argument. */
export interface Boot {
  readonly statusFile: string
  /** Its own, for tries' temporary folders and files on their way out; removed by the pool when the process is gone. */
  readonly folder: string
  readonly poolFolder: string
  /** Bytes that specs may take beside what the process has with all modules loaded. */
  readonly memory: number
  readonly worker: string
  readonly parentPid: number
  /** The arguments that the program was given: a module may read them. */
  readonly argv: readonly string[]
}

/** What a pool knows of a spec from a process that is no more. */
export interface KnownTries {
  readonly sortIndex: number
  readonly attempts: number
  /** Set where no try is left: the process makes the row of it. */
  readonly error: SpecError | undefined
}

/** What a pool needs to know of an experiment to watch over a process that runs it. */
export interface Limits {
  /** In ms. */
  readonly executionTimeout: number
  readonly retries: number
}

/** To run the specs from `next` to the batch's end. */
export interface Order {
  readonly batch: Batch
  readonly next: number
  readonly known: readonly KnownTries[]
}

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

/** From a process to its pool. */
export type FromProcess =
  | { readonly type: 'loaded'; readonly limits: Limits }
  | { readonly type: 'not-loaded'; readonly reason: string }
  | { readonly type: 'read-specs'; readonly row: number }
  | { readonly type: 'fetch-file'; readonly uri: string }
  | { readonly type: 'rows'; readonly rows: FinishedRows }
  /** The batch is at its end, after `seconds` of running; all its rows were sent. */
  | { readonly type: 'done'; readonly seconds: number }
  /** The batch was cancelled, and the process is free again. */
  | { readonly type: 'stopped' }
  /** The batch cannot go on, and not for the sake of a spec. */
  | { readonly type: 'failed'; readonly thrown: Thrown }
  | { readonly type: 'uncaught'; readonly thrown: Thrown }

/** Messages of rows that a process may have sent and not heard of. */
export const ROWS_ON_THE_WAY = 2
