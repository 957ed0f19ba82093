import type { Column } from '../table/schema.js'
import type { TableSlice } from '../table/slice.js'

/** A batch: the specs `start` (inclusive) to `end` (exclusive) of a run. */
export interface Batch {
  /** The code. The executor imports `module`, and looks `name` up in the registry of the process that imported it. */
  readonly experiment: { readonly name: string; readonly module: string; readonly memory: number | undefined }
  readonly experimentId: string
  readonly workflowRunId: string
  readonly rootWorkflowRunId: string
  readonly start: number
  readonly end: number
  /** Columns beside the specs, which every row of them has, too. */
  readonly extra?: readonly Column[] | undefined
  /**
   * Place of the files that functions return. A file's key is `results/<field>/<attempt>/<sort_index>.<ext>`
   * in the run's folder; `folder` is the address of that folder.
   */
  readonly resultFiles: { readonly attempt: string; readonly folder: string }
  /** Whether the spec came by itself. No other batch reads its row; a file's key is `results/<field>/<workflowRunId>.<ext>`. */
  readonly single?: boolean
}

/** Rows of the specs `start` to `end` that are done, as one encoded Parquet part a table. */
export interface FinishedRows {
  readonly start: number
  readonly end: number
  readonly results: number
  readonly errors: number
  /** Parts by the names of their tables: `scalars`, `errors`, `result_file_refs`, the user's. A table without rows is absent. */
  readonly parts: Readonly<Record<string, { readonly bytes: Uint8Array; readonly rows: number }>>
  /** Files that functions returned, to be uploaded before the rows count. The executor removes `path` after `onRows`. */
  readonly files: readonly { readonly key: string; readonly path: string }[]
  /** Fields that functions returned and the output does not name. Absent if there are none. */
  readonly undeclared?: readonly string[]
}

/** What an executor may ask of the worker while it runs a batch. The worker alone has the network and the store. */
export interface BatchHost {
  /** Resolves with the row groups of `specs.pq` that hold this row. Called once a row group and process. */
  readSpecs(row: number): Promise<TableSlice>
  /**
   * Writes the content of an address to `path` and resolves with `path`; or resolves with the path of a
   * local file that has the content. The executor remembers the result while it has space.
   */
  fetchFile(uri: string, path: string): Promise<string>
  /** Keeps rows. Called in the order of rows; the batch ends after the last call has resolved. */
  onRows(rows: FinishedRows): Promise<void>
  /** Called with the number of specs of the batch that are done, errors among them; at most every 200 ms. */
  onProgress?(done: number, errors: number): void
  /** Aborts when the batch is to stop. Calls to the host must settle soon after, because the executor waits for them. */
  readonly signal: AbortSignal
}

/** Counts of a batch. `seconds`: time in and around the user's function, without the start of processes. */
export interface BatchResult {
  readonly results: number
  readonly errors: number
  readonly seconds: number
}

/**
 * Runs batches. Every spec of a batch ends as one row, of a result or of an error: a spec that kills
 * its process is an error row, and the others go on. An executor keeps no rows. If the answer to a batch
 * is lost, the batch is run again under another attempt's name, and gets equal rows.
 */
export interface Executor {
  /**
   * Runs a batch as soon as there is a slot for it. Rejects with
   *
   * - `EXPERIMENT_NOT_LOADED` if the experiment cannot be loaded,
   * - `CANCELLED`, caused by the signal's reason, if the batch was stopped or the executor closed,
   * - `PROCESS_FAILED` if processes fail for a reason other than a spec,
   * - the host's own error if the host fails.
   *
   * Rows that the host kept before that stay valid.
   */
  run(batch: Batch, host: BatchHost): Promise<BatchResult>
  /** Prepares for batches of this experiment before the first one comes. */
  warm(experiment: Batch['experiment']): void
  /** Resolves with the reasons why it can run no batch now. Empty if it can. */
  problems(): Promise<string[]>
  /** Stops all batches and everything that they started. */
  close(): Promise<void>
}
