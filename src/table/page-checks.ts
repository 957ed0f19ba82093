import { crc32 } from 'node:zlib'
import type { ColumnMetaData, DataReader, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import { TableUnreadableError, unreadable } from './errors.js'
import { type PageMark, readPageMark } from './page-header.js'

/**
 * A page's own checksum, Parquet's, is of the bytes after its header. So a chunk of ours says besides what the checksums of its headers
 * come to, added up: a sum, because chunks that are laid end to end then need only be added.
 */
const HEADERS_KEY = 'scythe_headers'

/** A page whose header has the checksum of what follows it, and the checksum of that header. */
export interface CheckedPage {
  readonly bytes: Uint8Array
  readonly header: number
}

/** Writes a page: its header, with the checksum, and what follows it. */
export function checkedPage(header: PageHeader, ...body: readonly Uint8Array[]): CheckedPage {
  const writer = new ByteWriter(64 + header.compressed_page_size)
  const crc = body.reduce((sum, bytes) => crc32(bytes, sum), 0)
  // Parquet has signed integers only.
  writePageHeader(writer, { ...header, crc: crc | 0 })
  const checksum = crc32(writer.getBytes())
  for (const bytes of body) writer.appendBytes(bytes)
  return { bytes: writer.getBytes(), header: checksum }
}

/** Sums of headers' checksums as one. */
export function addHeaders(sums: readonly number[]): number {
  return sums.reduce((a, b) => (a + b) >>> 0, 0)
}

/** The sum of headers' checksums as a footer keeps it. */
export function headersMetadata(sum: number) {
  return [{ key: HEADERS_KEY, value: sum.toString(16) }]
}

/** The pages of a chunk that has no checksums, written again with them. */
export function withChecksums(chunk: Uint8Array): CheckedPage[] {
  const pages: CheckedPage[] = []
  const reader: DataReader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.length), offset: 0 }
  while (reader.offset < chunk.length) {
    const header = parquetHeader(reader)
    const end = reader.offset + header.compressed_page_size
    pages.push(checkedPage(header, chunk.subarray(reader.offset, end)))
    reader.offset = end
  }
  return pages
}

/** Where a chunk lies, for the error. */
interface ChunkPlace {
  readonly rowGroup: number
  readonly column: ColumnMetaData
  /** Whether this package wrote it: then its pages fill it to the last byte. */
  readonly ours: boolean
}

/**
 * Checks the pages of a column chunk against their checksums, where they have them, and gives the sum of their headers' checksums.
 * Throws `TableUnreadableError`, which names the column and the page.
 */
export function checkPages(chunk: Uint8Array, { rowGroup, column, ours }: ChunkPlace): number {
  const values = Number(column.num_values)
  let headers = 0
  let seen = 0
  const damaged = (page: number, problem: string, cause?: unknown) => {
    const where = `column ${column.path_in_schema.join('.')}, page ${page} of row group ${rowGroup}: ${problem}`
    return cause === undefined ? new TableUnreadableError(where) : unreadable(where, cause)
  }
  for (let at = 0, page = 0; at < chunk.length && (ours || seen < values); page++) {
    let mark: PageMark
    try {
      mark = readPageMark(chunk, at)
    } catch (error) {
      throw damaged(page, 'its header is damaged', error)
    }
    if (mark.crc !== undefined && mark.crc !== (crc32(chunk.subarray(mark.start, mark.end)) | 0))
      throw damaged(page, 'its bytes do not fit its checksum')
    headers = (headers + crc32(chunk.subarray(at, mark.start))) >>> 0
    seen += mark.values
    at = mark.end
  }
  const expected = column.key_value_metadata?.find(({ key }) => key === HEADERS_KEY)?.value
  if (expected !== undefined && expected !== headers.toString(16))
    throw damaged(0, 'its header, or that of a later page, does not fit its checksum')
  return headers
}
