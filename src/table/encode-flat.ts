import type { CompressionCodec } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { snappyCompress } from 'hyparquet-writer/src/snappy.js'
import { ColumnValueInvalidError } from './errors.js'
import { addHeaders, checkedPage } from './page-checks.js'
import { expectedValue, type FlatType } from './physical.js'
import { createPlainWriter } from './plain.js'
import { type ChunkPages, type ChunkStatistics, mergeStatistics } from './statistics.js'

/** A page ends with the row that fills it to this number of bytes. */
const PAGE_BYTES = 1 << 20

interface FlatColumn {
  readonly name: string
  readonly type: FlatType
  readonly codec: CompressionCodec
}

/**
 * Encodes values as pages, in the plain encoding and without nulls. `firstRow` is the index of the
 * first row in the table.
 */
export function encodeFlat(column: FlatColumn, values: ArrayLike<unknown>, rows: number, firstRow: number): ChunkPages {
  const plain = createPlainWriter(column.type)
  const pages: Uint8Array[] = []
  let statistics: ChunkStatistics = { null_count: 0n }
  let uncompressedSize = 0
  let headers = 0
  let nulls: number[] = []
  let start = 0
  const endPage = (end: number) => {
    const { bytes, bounds } = plain.take()
    const page = dataPage(bytes, end - start, nulls, column.codec)
    pages.push(page.bytes)
    uncompressedSize += page.uncompressedSize
    headers = addHeaders([headers, page.header])
    statistics = mergeStatistics(statistics, { null_count: BigInt(nulls.length), ...bounds })
    nulls = []
    start = end
  }
  for (let row = 0; row < rows; row++) {
    const value = values[row]
    if (value === null || value === undefined) nulls.push(row - start)
    else if (!plain.write(value))
      throw new ColumnValueInvalidError(column.name, firstRow + row, value, expectedValue(column.type))
    if (plain.size >= PAGE_BYTES) endPage(row + 1)
  }
  if (start < rows) endPage(rows)
  return { pages, values: rows, uncompressedSize, headers, statistics }
}

/**
 * Returns a data page (version 2): header, definition levels, values. The values stay uncompressed
 * if compression saves nothing.
 */
function dataPage(plain: Uint8Array, rows: number, nulls: readonly number[], codec: CompressionCodec) {
  const levels = definitionLevels(rows, nulls)
  const compressed = codec === 'SNAPPY' ? snappyCompress(plain) : plain
  const is_compressed = compressed.length < plain.length
  const values = is_compressed ? compressed : plain
  const header = {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levels.length + plain.length,
    compressed_page_size: levels.length + values.length,
    data_page_header_v2: {
      num_values: rows,
      num_nulls: nulls.length,
      num_rows: rows,
      encoding: 'PLAIN',
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed,
    },
  } as const
  const page = checkedPage(header, levels, values)
  return { ...page, uncompressedSize: page.bytes.length - values.length + plain.length }
}

/**
 * Encodes which rows have a value: one run of a level if all rows or no rows have a value, else one
 * bit per row.
 */
function definitionLevels(rows: number, nulls: readonly number[]): Uint8Array {
  const writer = new ByteWriter(16 + rows / 8)
  if (nulls.length === 0 || nulls.length === rows) {
    writer.appendVarInt(rows * 2)
    writer.appendUint8(nulls.length === 0 ? 1 : 0)
    return writer.getBytes()
  }
  const bits = new Uint8Array(Math.ceil(rows / 8)).fill(0xff)
  for (const row of nulls) bits[row >> 3]! &= ~(1 << (row & 7))
  writer.appendVarInt(bits.length * 2 + 1)
  writer.appendBytes(bits)
  return writer.getBytes()
}
