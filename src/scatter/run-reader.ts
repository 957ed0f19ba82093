/** A table of results: its address, and its number of rows. */
export interface ResultTable {
  readonly uri: string
  readonly rows: number
}

/**
 * The number of specs of a run that are results, errors or open: `specs = results + errors + open`.
 */
export interface RunStatus {
  readonly specs: number
  readonly results: number
  readonly errors: number
  readonly open: number
  /**
   * The state of the run.
   *
   * - `done`: the final tables and the receipt of the run are stored, and the tables have the size
   *   that they were written with. If Python Scythe wrote the run: no row is missing.
   * - `open`: specs or the final tables are missing.
   * - `workflow`: a run of a workflow. Its spec counts as open for ever, since only the engine
   *   knows its state.
   */
  readonly state: 'done' | 'open' | 'workflow'
  /**
   * The first 1,000 `sort_index` of specs without a row in final tables that Python Scythe wrote.
   * Absent if none is missing.
   */
  readonly missing?: readonly number[]
  /**
   * Problems with the final tables of a run that was done. Resuming the run makes the tables again.
   */
  readonly damaged?: readonly string[]
  /**
   * Hashes of the code that made the rows, and the number of specs that each ran. Present if there
   * are several.
   */
  readonly codes?: readonly { readonly code: string; readonly specs: number }[]
  /**
   * The Scythe that wrote the run. A run by Python Scythe has no errors, since it drops them, and
   * cannot be resumed.
   */
  readonly writtenBy: 'python' | 'typescript'
}

/** Reads the state and the results of a run, whichever Scythe wrote it. */
export interface RunReader {
  /** Whether the run can be resumed. */
  readonly resumable: boolean
  status(): Promise<RunStatus>
  /**
   * Resolves with the names of the final tables, or with `undefined` if they are not written yet.
   */
  tableNames(): Promise<readonly string[] | undefined>
  /** Resolves with one of the final tables. */
  table(name: string): Promise<ResultTable>
  /** Yields the rows of one of the final tables. */
  rows(name: string): AsyncIterable<Record<string, unknown>>
}
