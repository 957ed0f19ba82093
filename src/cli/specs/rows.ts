import type { Encoding, Row } from '../../experiment/convert.js'

/**
 * Rows that arrive together, and the place of each in the file: the line or the row, as its reader
 * counts.
 */
export interface RowBatch {
  readonly rows: readonly Row[]
  readonly places: readonly number[]
}

/** An opened table of specs. Its header was read; its rows come in batches. */
export interface OpenTable {
  readonly encoding: Encoding
  /** Whether the numbers may have a decimal comma. */
  readonly decimalComma?: boolean
  /** The unit of `places`. */
  readonly unit: 'line' | 'row' | 'item'
  /** The sheet of a workbook that is read. */
  readonly sheet?: string
  readonly batches: AsyncIterable<RowBatch>
}
