import type { Encoding, Row } from '../../experiment/convert.js'

/** Rows that came at once, and where the file has each: the line, or the row, that its reader counts. */
export interface RowBatch {
  readonly rows: readonly Row[]
  readonly places: readonly number[]
}

/** A table of specs that was opened: its header was read, its rows come one batch after the other. */
export interface OpenTable {
  readonly encoding: Encoding
  /** Whether its numbers may have a decimal comma. */
  readonly decimalComma?: boolean
  /** What `places` count. */
  readonly unit: 'line' | 'row' | 'item'
  /** Of a workbook: the one that is read. */
  readonly sheet?: string
  readonly batches: AsyncIterable<RowBatch>
}
