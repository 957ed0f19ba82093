import { compileColumns, requireValues } from './columns.js'
import { createTableLayout } from './layout.js'
import { createRowBuffer } from './row-buffer.js'
import type { ColumnData, TableSchema } from './schema.js'

/**
 * Writes a table of any length. Returns the file's bytes piece by piece, and holds at most the rows
 * of one row group.
 */
export interface TableWriter {
  readonly rows: number
  /**
   * Adds rows. Returns the pieces that are ready. Throws `ColumnValueInvalidError`, at the latest
   * at the last row of the row group.
   */
  append(data: ColumnData, rows: number): Uint8Array[]
  /** Returns the last pieces. */
  finish(): Uint8Array[]
}

/**
 * Creates a writer. Each row group has exactly `rowGroupSize` rows, and the last one the remaining
 * rows: row n is in row group n / `rowGroupSize`, rounded down.
 */
export function createTableWriter(
  schema: TableSchema,
  { rowGroupSize }: { readonly rowGroupSize: number },
): TableWriter {
  const columns = compileColumns(schema)
  const layout = createTableLayout(columns)
  const buffer = createRowBuffer(schema)

  const endGroup = (): Uint8Array[] => {
    const { data, rows } = buffer.take()
    return rows > 0 ? [Buffer.concat(layout.addRowGroup([columns.encode(data, rows, layout.rows)], rows))] : []
  }

  return {
    get rows() {
      return layout.rows + buffer.rows
    },
    append(data, rows) {
      requireValues(schema, data, rows)
      const pieces: Uint8Array[] = []
      for (let from = 0; from < rows; ) {
        const to = Math.min(rows, from + rowGroupSize - buffer.rows)
        buffer.append(data, from, to)
        from = to
        if (buffer.rows === rowGroupSize) pieces.push(...endGroup())
      }
      return pieces
    },
    finish: () => [...endGroup(), ...layout.finish()],
  }
}

/**
 * Encodes rows as a whole Parquet file with one row group, which is a part. Throws
 * `ColumnValueInvalidError`.
 */
export function encodeTable(schema: TableSchema, data: ColumnData, rows: number): Uint8Array {
  const columns = compileColumns(schema)
  const layout = createTableLayout(columns)
  const pieces = rows > 0 ? layout.addRowGroup([columns.encode(data, rows, 0)], rows) : []
  return Buffer.concat([...pieces, ...layout.finish()])
}
