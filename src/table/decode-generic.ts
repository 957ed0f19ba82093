import { isUtf8 } from 'node:buffer'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { type Compressors, type ParquetScan, parquetScan, type RowGroup, type SchemaElement } from 'hyparquet'
import { chunkStart } from './file.js'
import { dateFromDays } from './physical.js'
import { checkRuns } from './run-lengths.js'

/** The bytes of one row group, and Parquet's metadata about them. */
export interface RowGroupBytes {
  readonly rows: number
  readonly bytes: Uint8Array
  /** The position of the bytes in the file. */
  readonly start: number
  readonly elements: readonly SchemaElement[]
  readonly rowGroup: RowGroup
}

/** A range of rows in a row group, without the row `end`. */
export interface RowRange {
  readonly start: number
  readonly end: number
}

/**
 * Returns a function that reads columns of a row group with hyparquet, in all encodings and shapes
 * that hyparquet supports.
 */
export function genericReader(group: RowGroupBytes): (column: string, rows: RowRange) => Promise<ArrayLike<unknown>> {
  let compressors: Compressors | undefined
  let scan: ParquetScan | undefined
  const checked = new Set<string>()
  return async (column, { start, end }) => {
    compressors ??= await compressorsOf(group.rowGroup)
    scan ??= await scanOf(group, compressors)
    if (!checked.has(column)) checkColumn(group, column, compressors)
    checked.add(column)
    const values = await scan.readColumn({ column, rowStart: start, rowEnd: end })
    if (values.length !== end - start) throw new Error(`it has ${values.length} values for ${end - start} rows`)
    return values
  }
}

/** Checks a column, which may have many chunks: one for each leaf within it. */
function checkColumn(
  { bytes, start, elements, rowGroup }: RowGroupBytes,
  name: string,
  compressors: Compressors,
): void {
  for (const { meta_data: column } of rowGroup.columns) {
    if (column?.path_in_schema[0] !== name) continue
    const from = chunkStart(column) - start
    const chunk = bytes.subarray(from, from + Number(column.total_compressed_size))
    checkRuns(chunk, { column, elements, compressors })
  }
}

async function scanOf(
  { bytes, start, elements, rowGroup }: RowGroupBytes,
  compressors: Compressors,
): Promise<ParquetScan> {
  return parquetScan({
    file: {
      byteLength: start + bytes.length,
      // hyparquet accepts whole buffers, not views of them.
      slice: (from, to) => new Uint8Array(bytes.subarray(from - start, to && to - start)).buffer,
    },
    metadata: {
      version: 1,
      schema: [...elements],
      num_rows: rowGroup.num_rows,
      row_groups: [rowGroup],
      metadata_length: 0,
    },
    geoparquet: false,
    // The page index is in another part of the file.
    useOffsetIndex: false,
    compressors,
    parsers: { dateFromDays, stringFromBytes: textOf, jsonFromBytes: textOf },
  })
}

/**
 * Returns the decompressors that a row group needs. Node has two of them, which are faster. The
 * others are loaded only if they are needed, because every process of a pool loads this file.
 */
async function compressorsOf({ columns }: RowGroup): Promise<Compressors> {
  const codecs = new Set(columns.map(({ meta_data }) => meta_data?.codec))
  const compressors: Compressors = {
    GZIP: (input, length) => (length === 0 ? EMPTY : gunzipSync(input, { maxOutputLength: length })),
    BROTLI: (input, length) => (length === 0 ? EMPTY : brotliDecompressSync(input, { maxOutputLength: length })),
  }
  if (codecs.has('ZSTD')) {
    const { unpackZstd } = await import('./zstd.js')
    compressors.ZSTD = (input, length) => (length === 0 ? EMPTY : unpackZstd(input, length))
  }
  if (codecs.has('LZ4') || codecs.has('LZ4_RAW')) {
    const { decompressLz4, decompressLz4Raw } = await import('hyparquet-compressors')
    Object.assign(compressors, { LZ4: decompressLz4, LZ4_RAW: decompressLz4Raw })
  }
  return compressors
}

/** The content of an empty page, whatever its codec. */
const EMPTY = new Uint8Array(0)

/**
 * Decodes a text. Bytes that are not valid UTF-8 stay bytes, which no column of texts accepts, so
 * that the error names the column and the row.
 */
function textOf(bytes: Uint8Array | undefined) {
  if (!bytes || !isUtf8(bytes)) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}
