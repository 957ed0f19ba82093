import { type CompressionCodec, snappyUncompress } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { dateFromDays, type FlatType, mixedValue } from './physical.js'
import { checkLevels } from './run-lengths.js'

/** Decodes the pages of a column that `encode-flat.ts` made. Nulls are in their places. */
export function decodeFlat(pages: Uint8Array, codec: CompressionCodec, type: FlatType, rows: number): unknown[] {
  const values = new Array<unknown>(rows)
  const reader = { view: viewOf(pages), offset: 0 }
  let row = 0
  while (row < rows) {
    const { compressed_page_size, uncompressed_page_size, data_page_header_v2: header } = parquetHeader(reader)
    if (header?.encoding !== 'PLAIN' || row + header.num_values > rows)
      throw new Error('a page is not as this package writes it')
    const page = pages.subarray(reader.offset, reader.offset + compressed_page_size)
    reader.offset += compressed_page_size
    const levels = header.definition_levels_byte_length
    const stored = page.subarray(levels)
    const plain =
      codec === 'SNAPPY' && header.is_compressed ? uncompress(stored, uncompressed_page_size - levels) : stored
    const valueAt = plainReader(type, plain)
    const isPresent = header.num_nulls > 0 ? presence(page.subarray(0, levels), header.num_values) : undefined
    let count = 0
    for (let i = 0; i < header.num_values; i++) values[row++] = isPresent?.[i] === 0 ? null : valueAt(count++)
  }
  return values
}

/** Returns an array with 1 for each row that has a value, and 0 for each row that has none. */
function presence(levels: Uint8Array, rows: number): Uint8Array {
  checkLevels(levels, 1, rows)
  const present = new Uint8Array(rows)
  readRleBitPackedHybrid({ view: viewOf(levels), offset: 0 }, 1, present, levels.length)
  return present
}

function uncompress(bytes: Uint8Array, length: number): Uint8Array {
  const plain = new Uint8Array(length)
  snappyUncompress(bytes, plain)
  return plain
}

/**
 * Returns a function that reads the value at a place, counted from 0. The places must be read in
 * order.
 */
function plainReader(type: FlatType, plain: Uint8Array): (place: number) => unknown {
  const view = viewOf(plain)
  switch (type.kind) {
    case 'double':
      return (place) => view.getFloat64(place * 8, true)
    case 'int64':
      return type.bigint ? (place) => view.getBigInt64(place * 8, true) : (place) => integerAt(view, place * 8)
    case 'timestamp':
      return (place) => new Date(integerAt(view, place * 8))
    case 'date':
      return (place) => dateFromDays(view.getInt32(place * 4, true))
    case 'boolean':
      return (place) => ((plain[place >> 3]! >> (place & 7)) & 1) === 1
    case 'string': {
      const nextText = textReader(plain)
      return type.mixed ? () => mixedValue(nextText()) : nextText
    }
    case 'json': {
      const nextText = textReader(plain)
      return () => JSON.parse(nextText())
    }
  }
}

/** Reads a 64-bit integer that is known to be a safe integer. */
function integerAt(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)
}

/**
 * Reads texts one after the other. Repeated bytes yield the string that was decoded before, because
 * ids repeat on every row.
 */
function textReader(plain: Uint8Array): () => string {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.length)
  let at = 0
  let last = { text: '', start: 0, length: 0 }
  return () => {
    const length = bytes.readUInt32LE(at)
    const start = at + 4
    at = start + length
    if (length !== last.length || !sameBytes(bytes, start, last.start, length)) {
      last = { text: bytes.toString('utf8', start, at), start, length }
    }
    return last.text
  }
}

function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false
  return true
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
