import type { SchemaElement } from 'hyparquet'
import { own } from '../settings/own.js'
import { encodeFlat } from './encode-flat.js'
import { encodeNested } from './encode-nested.js'
import { TableMismatchError } from './errors.js'
import { type Leaf, leafType, leavesOfColumns, parquetElements } from './parquet-schema.js'
import type { Column, ColumnData, TableSchema } from './schema.js'
import type { ChunkPages } from './statistics.js'

/** The columns of a table, prepared for encoding. */
export interface TableColumns {
  readonly schema: TableSchema
  readonly elements: SchemaElement[]
  /** Every leaf, in the order of the file's columns. */
  readonly leaves: readonly Leaf[]
  /**
   * Encodes rows as pages, one `ChunkPages` for each leaf. `firstRow` is the index of the first row
   * in the table.
   */
  encode(data: ColumnData, rows: number, firstRow: number): ChunkPages[]
}

export function compileColumns(schema: TableSchema): TableColumns {
  const elements = parquetElements(schema)
  const leaves = leavesOfColumns(elements)
  return {
    schema,
    elements,
    leaves: leaves.flat(),
    encode(data, rows, firstRow) {
      requireValues(schema, data, rows)
      return schema.columns.flatMap((column, i) => encodeColumn(column, leaves[i]!, data[column.name]!, rows, firstRow))
    },
  }
}

/**
 * Checks that every column is present, and that it has an entry for every row, which may be null.
 */
export function requireValues({ columns }: TableSchema, data: ColumnData, rows: number): void {
  for (const { name } of columns) {
    const values = own(data, name)?.length ?? 0
    if (values < rows) throw new TableMismatchError(`Expected ${rows} values of column ${name}, got ${values}.`)
  }
}

function encodeColumn(
  { name, type }: Column,
  leaves: readonly Leaf[],
  values: ArrayLike<unknown>,
  rows: number,
  firstRow: number,
): ChunkPages[] {
  const flat = leafType(type)
  if (!flat) return encodeNested({ name, type }, leaves, values, rows, firstRow)
  return [encodeFlat({ name, type: flat, codec: leaves[0]!.codec }, values, rows, firstRow)]
}
