/** A table of results: where it is stored, and how many rows it has. */
export interface ResultTable {
  readonly uri: string
  readonly rows: number
}

/** How many specs of a run are results, errors or open: `specs = results + errors + open`. */
export interface RunStatus {
  readonly specs: number
  readonly results: number
  readonly errors: number
  readonly open: number
  /**
   * - `done`: the final tables and the receipt of the run are stored, and as large as they were; of a run that Python Scythe wrote, no
   *   row is missing
   * - `open`: specs are missing, or the final tables
   * - `workflow`: a run of a workflow; its spec counts as open for ever, since only the engine knows its state
   */
  readonly state: 'done' | 'open' | 'workflow'
  /** The first 1,000 `sort_index` of specs without a row in final tables that Python Scythe wrote, if any are missing. */
  readonly missing?: readonly number[]
  /** What is wrong with the final tables of a run that was done. Resuming it makes them again. */
  readonly damaged?: readonly string[]
  /** Hashes of the code that made the rows, and how many specs each ran, if they come from several versions of it. */
  readonly codes?: readonly { readonly code: string; readonly specs: number }[]
  /** Which Scythe wrote the run. A run of Python's has no errors, since it drops them, and cannot be resumed. */
  readonly writtenBy: 'python' | 'typescript'
}

/** Reads the state and the results of a run, whoever wrote it. */
export interface RunReader {
  /** Whether the run can be resumed. */
  readonly resumable: boolean
  status(): Promise<RunStatus>
  /** Resolves with the names of the final tables; with `undefined` if they are not there yet. */
  tableNames(): Promise<readonly string[] | undefined>
  /** Resolves with one of these tables. */
  table(name: string): Promise<ResultTable>
  /** Yields the rows of one of these tables. */
  rows(name: string): AsyncIterable<Record<string, unknown>>
}
