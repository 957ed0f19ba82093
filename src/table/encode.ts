import { compileColumns } from './columns.js'
import { createTableLayout } from './layout.js'
import type { ColumnData, TableSchema } from './schema.js'

/** A whole Parquet file with these rows as its one row group: a part. Throws `ColumnValueError`. */
export function encodeTable(schema: TableSchema, data: ColumnData, rows: number): Uint8Array {
  const columns = compileColumns(schema)
  const layout = createTableLayout(columns)
  const pieces = rows > 0 ? layout.addRowGroup([columns.encode(data, rows, 0)], rows) : []
  return Buffer.concat([...pieces, ...layout.finish()])
}
