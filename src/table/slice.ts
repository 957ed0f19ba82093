import { isDeepStrictEqual } from 'node:util'
import { ScytheError } from '../errors.js'
import { unreadable } from './errors.js'
import { columnSpan, type TableFile } from './file.js'
import { fitValue } from './fit.js'
import { decodeFlat } from './flat-values.js'
import { genericReader, type RowGroupBytes } from './generic-values.js'
import { leafType } from './parquet-schema.js'
import type { Column, TableSchema } from './schema.js'
import type { ByteSource } from './source.js'

/** One row group: its bytes, and what is needed to decode them. Plain data, fit to be sent to another process. */
export interface TableSlice extends RowGroupBytes {
  /** The table's row that is the first in here. */
  readonly firstRow: number
  readonly schema: TableSchema
  readonly ours: boolean
}

/** Reads the bytes of one row group, or of the one column of it that will be decoded. */
export async function readSlice(
  source: ByteSource,
  file: TableFile,
  rowGroup: number,
  column?: string,
): Promise<TableSlice> {
  const { firstRow, rows, ...whole } = file.rowGroups[rowGroup]!
  const { schema: elements, row_groups } = file.metadata
  const { start, end } = column === undefined ? whole : columnSpan(row_groups[rowGroup]!, column)
  const bytes = await source.slice(start, end)
  return {
    firstRow,
    rows,
    bytes,
    start,
    schema: file.schema,
    ours: file.ours,
    elements,
    rowGroup: row_groups[rowGroup]!,
  }
}

/**
 * The values of the row group, column by column, in the types of `schema` (the file's own unless given). A column that the
 * file does not have is null on every row. Throws `ColumnValueError` where a value is not of the type asked for, and
 * `TableUnreadableError` where the bytes are damaged.
 */
export async function decodeSlice(slice: TableSlice, schema = slice.schema): Promise<Record<string, unknown[]>> {
  const readGeneric = genericReader(slice)
  const columns: Record<string, unknown[]> = {}
  for (const column of schema.columns) columns[column.name] = await decodeColumn(slice, column, readGeneric)
  return columns
}

async function decodeColumn(
  slice: TableSlice,
  { name, type }: Column,
  readGeneric: (name: string) => Promise<ArrayLike<unknown>>,
): Promise<unknown[]> {
  const stored = slice.schema.columns.find((column) => column.name === name)
  if (!stored) return new Array<unknown>(slice.rows).fill(null)
  const flat = slice.ours ? leafType(stored.type) : undefined
  const values = await readable(name, async () =>
    flat ? decodeFlat(...flatPages(slice, name), flat, slice.rows) : readGeneric(name),
  )
  if (flat && isDeepStrictEqual(stored.type, type)) return values as unknown[]
  return Array.from(values, (value, i) => fitValue(type, value, name, slice.firstRow + i))
}

function flatPages({ rowGroup, bytes, start }: TableSlice, name: string) {
  const { codec, data_page_offset, total_compressed_size } = rowGroup.columns.find(
    ({ meta_data }) => meta_data!.path_in_schema[0] === name,
  )!.meta_data!
  const from = Number(data_page_offset) - start
  return [bytes.subarray(from, from + Number(total_compressed_size)), codec] as const
}

async function readable<T>(column: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ScytheError) throw error
    throw unreadable(`column ${column} is damaged or of a kind unknown here`, error)
  }
}
