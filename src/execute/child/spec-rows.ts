import type { TableSchema } from '../../table/schema.js'
import { decodeSlice, type TableSlice } from '../../table/slice.js'
import type { Batch } from '../executor.js'

/** A range of rows of `specs.pq` in memory, column by column. */
export interface SpecRows {
  readonly firstRow: number
  /** The first row after the range. */
  readonly end: number
  readonly columns: Readonly<Record<string, unknown[]>>
}

/** One spec: a row of a `SpecRows` range. */
export interface SpecPlace {
  readonly sortIndex: number
  readonly row: number
  readonly columns: SpecRows['columns']
}

/** Resolves with the range that contains a row. */
export type SpecReader = (batch: Batch, schema: TableSchema, row: number) => Promise<SpecRows>

/** Creates a reader that keeps the last range, because it usually contains the next batch, too. */
export function createSpecReader(readSlice: (row: number) => Promise<TableSlice>): SpecReader {
  let run = ''
  let last: SpecRows | undefined
  return async (batch, schema, row) => {
    const its = `${batch.experimentId} ${batch.rootWorkflowRunId}`
    if (last && !batch.single && run === its && row >= last.firstRow && row < last.end) return last
    last = undefined
    const slice = await readSlice(row)
    const columns = await decodeSlice(slice, schema)
    run = its
    last = { firstRow: slice.firstRow, end: slice.firstRow + slice.rows, columns }
    return last
  }
}
