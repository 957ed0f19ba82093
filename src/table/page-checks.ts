import { crc32 } from 'node:zlib'
import type { ColumnMetaData, DataReader, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import { TableUnreadableError, unreadable } from './errors.js'
import { type PageMark, readPageMark } from './page-header.js'

/**
 * The key of the sum of the headers' checksums. A page's own checksum in Parquet covers the bytes
 * after its header. So a chunk that this package writes also holds the sum of the checksums of its
 * headers. It is a sum, so that chunks that are appended to each other need only an addition.
 */
const HEADERS_KEY = 'scythe_headers'

/**
 * A page whose header contains the checksum of the bytes after it, and the checksum of that header.
 */
export interface CheckedPage {
  readonly bytes: Uint8Array
  readonly header: number
}

/** Writes a page: its header, with the checksum, and the bytes after it. */
export function checkedPage(header: PageHeader, ...body: readonly Uint8Array[]): CheckedPage {
  const writer = new ByteWriter(64 + header.compressed_page_size)
  const crc = body.reduce((sum, bytes) => crc32(bytes, sum), 0)
  // Parquet has only signed integers.
  writePageHeader(writer, { ...header, crc: crc | 0 })
  const checksum = crc32(writer.getBytes())
  for (const bytes of body) writer.appendBytes(bytes)
  return { bytes: writer.getBytes(), header: checksum }
}

/** Adds the sums of headers' checksums. */
export function addHeaders(sums: readonly number[]): number {
  return sums.reduce((a, b) => (a + b) >>> 0, 0)
}

/** Returns the sum of headers' checksums as a footer stores it. */
export function headersMetadata(sum: number) {
  return [{ key: HEADERS_KEY, value: sum.toString(16) }]
}

/** Returns the pages of a chunk that has no checksums, with checksums added. */
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

/** The place of a chunk, for the error. */
interface ChunkPlace {
  readonly rowGroup: number
  readonly column: ColumnMetaData
  /** Whether this package wrote the chunk. If so, its pages fill the chunk to the last byte. */
  readonly ours: boolean
}

/**
 * Checks the pages of a column chunk against their checksums, if they have any. Returns the sum of
 * the checksums of the headers. Throws `TableUnreadableError`, which names the column and the page.
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
