import type { ChunkPages } from './chunk.js'
import { TableMismatchError } from './errors.js'
import { encodeFlat } from './flat-pages.js'
import { encodeNested } from './nested-pages.js'
import { type Leaf, leavesOfColumns, parquetElements, storedAsText } from './parquet-schema.js'
import type { SchemaElement } from 'hyparquet'
import type { Column, ColumnData, TableSchema } from './schema.js'

/** A table's columns, compiled once: what encoding them needs. */
export interface TableColumns {
  readonly schema: TableSchema
  readonly elements: SchemaElement[]
  /** Every leaf, in the order of the file's columns. */
  readonly leaves: readonly Leaf[]
  /** The rows `from` to `to` as pages, one stretch a leaf. `firstRow` is the table's row of the data's first. */
  encode(data: ColumnData, from: number, to: number, firstRow: number): ChunkPages[]
}

export function compileColumns(schema: TableSchema): TableColumns {
  const elements = parquetElements(schema)
  const leaves = leavesOfColumns(elements)
  return {
    schema,
    elements,
    leaves: leaves.flat(),
    encode: (data, from, to, firstRow) =>
      schema.columns.flatMap((column, i) => encodeColumn(column, leaves[i]!, valuesOf(data, column.name, to), from, to, firstRow)),
  }
}

function encodeColumn(
  { name, type }: Column,
  leaves: readonly Leaf[],
  values: ArrayLike<unknown>,
  from: number,
  to: number,
  firstRow: number,
): ChunkPages[] {
  const { codec } = leaves[0]!
  if (storedAsText(type)) return [encodeFlat({ name, type: { kind: 'json' }, codec }, values, from, to, firstRow)]
  if (type.kind === 'list' || type.kind === 'struct') return encodeNested({ name, type }, leaves, values, from, to, firstRow)
  return [encodeFlat({ name, type, codec }, values, from, to, firstRow)]
}

function valuesOf(data: ColumnData, name: string, rows: number): ArrayLike<unknown> {
  const values = data[name]
  if (values && values.length >= rows) return values
  throw new TableMismatchError(`Expected ${rows} values of column ${name}, got ${values?.length ?? 'none'}.`)
}
