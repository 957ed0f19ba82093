import { type ColumnMetaData, type FileMetaData, parquetMetadata, type RowGroup } from 'hyparquet'
import { deriveSchema } from './derived-schema.js'
import { TableUnreadableError, unreadable } from './errors.js'
import { checkFooter, FOOTER_CHECK_BYTES } from './footer-check.js'
import { CREATED_BY, SCHEMA_KEY } from './layout.js'
import type { TableSchema } from './schema.js'
import type { ByteSource } from './source.js'

/** A Parquet file whose footer has been read. This package or any other writer made it. */
export interface TableFile {
  readonly rows: number
  /**
   * The schema that this package wrote. For a file of another writer, it is derived from Parquet's
   * types and pandas' index.
   */
  readonly schema: TableSchema
  /** The rows, and the bytes of the file, that each row group holds. No row group is empty. */
  readonly rowGroups: readonly RowGroupSpan[]
  /**
   * Whether this package wrote the file. If so, its pages are plain, and its columns are exactly
   * those of `schema`.
   */
  readonly isScythe: boolean
  readonly metadata: FileMetaData
}

interface RowGroupSpan {
  readonly firstRow: number
  readonly rows: number
  readonly start: number
  readonly end: number
}

/**
 * Reads a file's footer. Throws `TableUnreadableError` if the file is cut short or is not Parquet.
 */
export async function openTable(source: ByteSource): Promise<TableFile> {
  const { byteLength } = source
  const tail = await source.slice(Math.max(0, byteLength - TAIL_BYTES), byteLength)
  const length = footerLength(tail, byteLength)
  const read = Math.min(length + FOOTER_CHECK_BYTES, byteLength)
  const end = read <= tail.length ? tail : await source.slice(byteLength - read, byteLength)
  const footer = end.subarray(end.length - length)
  if (read > length) checkFooter(end.subarray(end.length - length - FOOTER_CHECK_BYTES, end.length - length), footer)
  return tableFile(footer, byteLength)
}

/**
 * The number of bytes that are read at once from the end of a file. Almost every footer is shorter.
 */
const TAIL_BYTES = 1 << 16

/**
 * Returns how many of the file's last bytes are its footer: the metadata, its length in 4 bytes,
 * and the magic bytes.
 */
function footerLength(tail: Uint8Array, byteLength: number): number {
  if (byteLength < 12 || uint32At(tail, tail.length - 4) !== PAR1) {
    throw new TableUnreadableError(
      `its ${byteLength} bytes do not end as those of a Parquet file: it is cut off, or not Parquet`,
    )
  }
  const length = uint32At(tail, tail.length - 8) + 8
  if (length > byteLength)
    throw new TableUnreadableError(`its footer of ${length} bytes is longer than the file of ${byteLength}`)
  return length
}

const PAR1 = 0x31524150

function uint32At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
}

/**
 * Keeps bounds as Parquet stores them, so that they can be compared and written again. Bytes are
 * copied, so that the file's bytes can be freed.
 */
const STORED_BOUNDS = {
  stringFromBytes: (bytes: Uint8Array) => new Uint8Array(bytes),
  dateFromDays: (days: number) => days,
  timestampFromMilliseconds: (time: bigint) => time,
}

function tableFile(footer: Uint8Array, byteLength: number): TableFile {
  const file = parsedFooter(footer)
  const end = file.rowGroups.reduce((last, group) => Math.max(last, group.end), 0)
  if (end > byteLength) throw new TableUnreadableError(`its columns end at byte ${end}, the file at ${byteLength}`)
  return file
}

function parsedFooter(footer: Uint8Array): TableFile {
  try {
    const metadata = parquetMetadata(footer, { parsers: STORED_BOUNDS, geoparquet: false })
    const groups = metadata.row_groups.filter((group) => group.num_rows > 0n)
    const rowGroups = spansOf(groups)
    const isScythe = metadata.created_by === CREATED_BY
    return {
      rows: rowGroups.reduce((rows, group) => rows + group.rows, 0),
      schema: isScythe ? writtenSchema(metadata) : deriveSchema(metadata),
      rowGroups,
      isScythe,
      metadata: { ...metadata, row_groups: groups },
    }
  } catch (error) {
    throw unreadable('its footer is damaged', error)
  }
}

function writtenSchema({ key_value_metadata }: FileMetaData): TableSchema {
  const text = key_value_metadata?.find(({ key }) => key === SCHEMA_KEY)?.value
  if (!text) throw new Error(`no ${SCHEMA_KEY} entry`)
  return parsedSchema(text)
}

const parsedSchema = rememberLast((text: string) => JSON.parse(text) as TableSchema)

function spansOf(groups: readonly RowGroup[]): RowGroupSpan[] {
  let firstRow = 0
  return groups.map((group) => {
    const rows = Number(group.num_rows)
    firstRow += rows
    return { firstRow: firstRow - rows, rows, ...spanOf(group.columns) }
  })
}

/** Returns the bytes of the file that hold one column of a row group. */
export function columnSpan(group: RowGroup, name: string): { start: number; end: number } {
  return spanOf(chunksOf(group, name))
}

/** Returns the chunks of a row group, or those of one of its columns. */
export function chunksOf({ columns }: RowGroup, name: string | undefined): RowGroup['columns'] {
  return name === undefined ? columns : columns.filter(({ meta_data }) => meta_data!.path_in_schema[0] === name)
}

function spanOf(chunks: RowGroup['columns']): { start: number; end: number } {
  const columns = chunks.map(({ meta_data }) => meta_data!)
  const start = Math.min(...columns.map(chunkStart))
  const end = Math.max(...columns.map((column) => chunkStart(column) + Number(column.total_compressed_size)))
  return { start, end }
}

export function chunkStart(column: ColumnMetaData): number {
  return Number(column.dictionary_page_offset || column.data_page_offset)
}

/**
 * Wraps a function so that it remembers its last answer, because thousands of parts in a row ask
 * for one answer.
 */
export function rememberLast<Asked, Answer>(answer: (asked: Asked) => Answer): (asked: Asked) => Answer {
  let last: { readonly asked: Asked; readonly answer: Answer } | undefined
  return (asked) => {
    if (last?.asked !== asked) last = undefined
    last ??= { asked, answer: answer(asked) }
    return last.answer
  }
}
