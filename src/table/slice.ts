import { isDeepStrictEqual } from 'node:util'
import { ScytheError } from '../errors.js'
import { decodeFlat } from './decode-flat.js'
import { genericReader, type RowGroupBytes, type RowRange } from './decode-generic.js'
import { unreadable } from './errors.js'
import { chunkStart, chunksOf, columnSpan, type TableFile } from './file.js'
import { fitValue } from './fit.js'
import { checkPages } from './page-checks.js'
import { leafType } from './parquet-schema.js'
import type { Column, TableSchema } from './schema.js'
import type { ByteSource } from './source.js'

/**
 * One row group: its bytes, and the information needed to decode them. It is plain data that can be
 * sent to another process.
 */
export interface TableSlice extends RowGroupBytes {
  /** The index of the slice's first row in the table. */
  readonly firstRow: number
  readonly schema: TableSchema
  readonly ours: boolean
}

/**
 * Reads the bytes of one row group, or those of a single column that will be decoded. Throws
 * `TableUnreadableError` if pages do not fit their checksums.
 */
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
  for (const { meta_data } of chunksOf(row_groups[rowGroup]!, column)) {
    const from = chunkStart(meta_data!) - start
    const chunk = bytes.subarray(from, from + Number(meta_data!.total_compressed_size))
    checkPages(chunk, { rowGroup, column: meta_data!, ours: file.isScythe })
  }
  return {
    firstRow,
    rows,
    bytes,
    start,
    schema: file.schema,
    ours: file.isScythe,
    elements,
    rowGroup: row_groups[rowGroup]!,
  }
}

/**
 * Decodes the values of a row group by column, in the types of `schema`. Default: the file's own
 * schema. A column that the file does not have is null on every row. Throws
 * `ColumnValueInvalidError` if a value is not of the requested type, and `TableUnreadableError` if
 * the bytes are damaged.
 */
export async function decodeSlice(slice: TableSlice, schema = slice.schema): Promise<Record<string, unknown[]>> {
  return decodeRange(slice, schema, genericReader(slice), { start: 0, end: slice.rows })
}

/** The number of rows that are decoded at once in a row group of another writer. */
const ROWS_AT_ONCE = 100_000

/**
 * Decodes the values of a row group like `decodeSlice`, one range of rows after the other: a few
 * bytes of another writer may represent any number of rows. Ranges are not possible for columns of
 * lists and objects, nor for row groups that this package wrote, which are small.
 */
export async function* decodeStretches(
  slice: TableSlice,
): AsyncGenerator<{ readonly columns: Record<string, unknown[]>; readonly rows: number }> {
  const isFlat = slice.rowGroup.columns.every(({ meta_data }) => meta_data!.path_in_schema.length === 1)
  const step = isFlat && !slice.ours ? ROWS_AT_ONCE : slice.rows
  const readGeneric = genericReader(slice)
  for (let start = 0; start < slice.rows; start += step) {
    const end = Math.min(start + step, slice.rows)
    yield { columns: await decodeRange(slice, slice.schema, readGeneric, { start, end }), rows: end - start }
  }
}

async function decodeRange(slice: TableSlice, schema: TableSchema, readGeneric: GenericReader, range: RowRange) {
  const columns: Record<string, unknown[]> = Object.create(null)
  for (const column of schema.columns) columns[column.name] = await decodeColumn(slice, column, readGeneric, range)
  return columns
}

type GenericReader = ReturnType<typeof genericReader>

async function decodeColumn(
  slice: TableSlice,
  { name, type }: Column,
  readGeneric: GenericReader,
  range: RowRange,
): Promise<unknown[]> {
  const stored = slice.schema.columns.find((column) => column.name === name)
  if (!stored) return new Array<unknown>(range.end - range.start).fill(null)
  const flat = slice.ours ? leafType(stored.type) : undefined
  const values = await readable(name, async () =>
    flat ? decodeFlat(...flatPages(slice, name), flat, slice.rows) : readGeneric(name, range),
  )
  if (flat && isDeepStrictEqual(stored.type, type)) return values as unknown[]
  return Array.from(values, (value, i) => fitValue(type, value, name, slice.firstRow + range.start + i))
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
