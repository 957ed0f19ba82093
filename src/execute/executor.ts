import type { Column } from '../table/schema.js'
import type { TableSlice } from '../table/slice.js'

/** A batch for one process: the specs `start` (inclusive) to `end` (exclusive) of a run. */
export interface Batch {
  /** Which code: the process imports `module` and looks `name` up in its registry. */
  readonly experiment: { readonly name: string; readonly module: string; readonly memory: number | undefined }
  readonly experimentId: string
  readonly workflowRunId: string
  readonly rootWorkflowRunId: string
  readonly start: number
  readonly end: number
  /** Columns beside the specs, which every row of them has, too. */
  readonly extra?: readonly Column[] | undefined
  /**
   * Where files returned for output fields go: `results/<field>/<attempt>/<sort_index>.<ext>` in the run's folder is the key of one,
   * and `folder` the run's folder, by its address.
   */
  readonly resultFiles: { readonly attempt: string; readonly folder: string }
  /** A spec that came by itself: no other batch reads its row, and `results/<field>/<workflowRunId>.<ext>` is the key of a file. */
  readonly single?: boolean
}

/** Rows that left the process: one encoded Parquet part a table, of the specs `start` to `end`. */
export interface FinishedRows {
  readonly start: number
  readonly end: number
  readonly results: number
  readonly errors: number
  /** Table name (`scalars`, `errors`, `result_file_refs`, the user's) to its part. A table without rows is left out. */
  readonly parts: Readonly<Record<string, { readonly bytes: Uint8Array; readonly rows: number }>>
  /** Files that the function returned, to be uploaded before the rows count. The pool removes `path` when `onRows` is done. */
  readonly files: readonly { readonly key: string; readonly path: string }[]
  /** Fields that functions returned and the output does not name, if there were any. */
  readonly undeclared?: readonly string[]
}

/** What a batch may ask of the process that orchestrates: the network is there. */
export interface BatchHost {
  /** The stretch of `specs.pq` (whole row groups) that holds this row. Asked once a row group and process. */
  readSpecs(row: number): Promise<TableSlice>
  /**
   * Brings the content of an address to `path` and gives that, or gives the local path where the content lies already.
   * The pool remembers it: asked once for an address, whatever the number of processes, while there is room.
   */
  fetchFile(uri: string, path: string): Promise<string>
  /** Called in the order of rows; the process goes on while it is awaited, and the batch ends after the last. */
  onRows(rows: FinishedRows): Promise<void>
  /** Specs done so far in this batch, errors among them; at most every 200 ms. */
  onProgress?(done: number, errors: number): void
  readonly signal: AbortSignal
}

/** What a batch came to. `seconds` is time spent in the user's function and around it, without the start of the process. */
export interface BatchResult {
  readonly results: number
  readonly errors: number
  readonly seconds: number
}

/** Runs batches in child processes, one a slot. */
export interface Executor {
  /** Runs one batch in an idle process, a new one where there is none. Rejects where the experiment cannot be loaded, or on `signal`. */
  run(batch: Batch, host: BatchHost): Promise<BatchResult>
  /** Starts processes ahead of the first batch. */
  warm(experiment: Batch['experiment']): void
  /** Why it can start no process now. Empty where it can. */
  problems(): Promise<string[]>
  /** Ends every process, and what they started. */
  close(): Promise<void>
}
