import type { Column } from '../table/schema.js'
import type { TableSlice } from '../table/slice.js'

/** A batch: the specs `start` (inclusive) to `end` (exclusive) of a run. */
export interface Batch {
  /**
   * The code to run. The executor imports `module` and looks `name` up in the registry of the
   * process that imported it. `memory` is in bytes.
   */
  readonly experiment: { readonly name: string; readonly module: string; readonly memory: number | undefined }
  readonly experimentId: string
  readonly workflowRunId: string
  readonly rootWorkflowRunId: string
  readonly start: number
  readonly end: number
  /** Additional columns of the specs. Every output row carries their values, too. */
  readonly extra?: readonly Column[] | undefined
  /**
   * Destination of the files that functions return. The key of a file is
   * `results/<field>/<attempt>/<sort_index>.<ext>`, relative to the run's folder; `folder` is the
   * address of that folder.
   */
  readonly resultFiles: { readonly attempt: string; readonly folder: string }
  /**
   * Whether the batch is a single spec that was submitted by itself. No other batch reads its row,
   * and the key of a file is `results/<field>/<workflowRunId>.<ext>`. Default: `false`.
   */
  readonly single?: boolean
}

/**
 * The rows of the finished specs `start` (inclusive) to `end` (exclusive): one encoded Parquet part
 * for each table.
 */
export interface FinishedRows {
  readonly start: number
  readonly end: number
  readonly results: number
  readonly errors: number
  /**
   * Parts by table name: `scalars`, `errors`, `result_file_refs` and the user's tables. A table
   * without rows is absent.
   */
  readonly parts: Readonly<Record<string, { readonly bytes: Uint8Array; readonly rows: number }>>
  /**
   * Files that functions returned. They must be uploaded before the rows count. The executor
   * removes `path` after `onRows`.
   */
  readonly files: readonly { readonly key: string; readonly path: string }[]
  /**
   * Fields that functions returned but the output schema does not declare. Absent if there are
   * none.
   */
  readonly undeclared?: readonly string[]
}

/**
 * The services that a worker provides to an executor while a batch runs. Only the worker has access
 * to the network and the store.
 */
export interface BatchHost {
  /**
   * Resolves with the row groups of `specs.pq` that contain this row. Called once for each row
   * group and process.
   */
  readSpecs(row: number): Promise<TableSlice>
  /**
   * Writes the content of an address to `path` and resolves with `path`, or resolves with the path
   * of a local file that has the content. The executor caches the result while it has space.
   */
  fetchFile(uri: string, path: string): Promise<string>
  /** Stores rows. Called in row order. The batch ends after the last call has resolved. */
  onRows(rows: FinishedRows): Promise<void>
  /**
   * Called with the number of finished specs of the batch, including errors, at most every 200 ms.
   */
  onProgress?(done: number, errors: number): void
  /**
   * Aborts when the batch must stop. Calls to the host must settle soon afterwards, because the
   * executor waits for them.
   */
  readonly signal: AbortSignal
}

/**
 * The counts of a finished batch. `seconds` is the time spent in and around the user's function,
 * without the time to start processes.
 */
export interface BatchResult {
  readonly results: number
  readonly errors: number
  readonly seconds: number
}

/**
 * Runs batches. Every spec of a batch ends as exactly one row, a result or an error: a spec that
 * kills its process becomes an error row, and the other specs continue. An executor stores no rows.
 * If the result of a batch is lost, the batch runs again as another attempt and produces equal
 * rows.
 */
export interface Executor {
  /**
   * Runs a batch as soon as a slot is free. Rejects with
   *
   * - `EXPERIMENT_NOT_LOADED` if the experiment cannot be loaded,
   * - `CANCELLED`, with the signal's reason as its cause, if the batch was stopped or the executor
   *   was closed,
   * - `PROCESS_FAILED` if processes fail for a reason other than a spec,
   * - the host's own error if the host fails.
   *
   * Rows that the host stored before the rejection stay valid.
   */
  run(batch: Batch, host: BatchHost): Promise<BatchResult>
  /** Prepares for batches of this experiment before the first batch arrives. */
  warm(experiment: Batch['experiment']): void
  /** Resolves with the reasons why the executor can run no batch now. Empty if it can. */
  problems(): Promise<string[]>
  /** Stops all batches and every process that they started. */
  close(): Promise<void>
}
