import type { TableSchema } from '../../table/schema.js'
import { decodeSlice, type TableSlice } from '../../table/slice.js'
import type { Batch } from '../executor.js'

/** A stretch of `specs.pq` in memory, column by column. */
export interface SpecRows {
  readonly firstRow: number
  /** The first row after it. */
  readonly end: number
  readonly columns: Readonly<Record<string, unknown[]>>
}

/** One spec: a row of such a stretch. */
export interface SpecPlace {
  readonly sortIndex: number
  readonly row: number
  readonly columns: SpecRows['columns']
}

/** Gives the stretch that a row is in. */
export type SpecReader = (batch: Batch, schema: TableSchema, row: number) => Promise<SpecRows>

/** Keeps the last stretch: the next batch is most often in it too. */
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
