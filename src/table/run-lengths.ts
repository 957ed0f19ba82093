import type { ColumnMetaData, Compressors, DataReader, PageHeader, SchemaElement } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getSchemaPath } from 'hyparquet/src/schema.js'

/** The information that is needed to read the pages of a column chunk. */
export interface ChunkReading {
  readonly column: ColumnMetaData
  readonly elements: readonly SchemaElement[]
  readonly compressors: Compressors
}

/** The maximum number of padding values in the last run. No known writer adds more. */
const MOST_PADDING = 512
const WIDEST_VALUE = 32
const RUN_ENCODINGS = new Set(['RLE', 'RLE_DICTIONARY', 'PLAIN_DICTIONARY'])

/**
 * Checks that the counts in the pages of a column chunk are possible. hyparquet repeats a value as
 * often as a run says, whatever the page holds: four damaged bytes could take all memory, or hours
 * of time.
 */
export function checkRuns(chunk: Uint8Array, { column, elements, compressors }: ChunkReading): void {
  const path = getSchemaPath([...elements], column.path_in_schema)
  const repetition = widthOf(getMaxRepetitionLevel(path))
  const definition = widthOf(getMaxDefinitionLevel(path))
  const boolean = column.type === 'BOOLEAN'
  const most = Number(column.num_values)
  const reader: DataReader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.length), offset: 0 }

  for (let seen = 0; reader.offset < chunk.length - 1 && seen < most; ) {
    const header = parquetHeader(reader)
    const body = chunk.subarray(reader.offset, reader.offset + header.compressed_page_size)
    reader.offset += header.compressed_page_size
    const { data_page_header: first, data_page_header_v2: second } = header
    const unpacked = (bytes: Uint8Array, length: number) => decompressPage(bytes, length, column.codec, compressors)
    const checkValues = (runs: Runs, values: number) => {
      if (boolean) runs.lengthAndRuns(1, values)
      else runs.runs(runs.byte(), values)
    }

    if (header.type === 'DATA_PAGE' && first) {
      seen += checkCount(first.num_values, most)
      if (repetition + definition === 0 && !RUN_ENCODINGS.has(first.encoding)) continue
      const runs = new Runs(unpacked(body, header.uncompressed_page_size))
      runs.lengthAndRuns(repetition, first.num_values)
      runs.lengthAndRuns(definition, first.num_values)
      if (RUN_ENCODINGS.has(first.encoding) && !runs.atEnd) checkValues(runs, first.num_values)
    } else if (header.type === 'DATA_PAGE_V2' && second) {
      seen += checkCount(second.num_values, most)
      const values = second.num_values - checkCount(second.num_nulls, second.num_values)
      const levels = levelsOf(header, second, body)
      checkLevels(levels.repetition, repetition, second.num_values)
      checkLevels(levels.definition, definition, second.num_values)
      if (!RUN_ENCODINGS.has(second.encoding) || values === 0) continue
      const rest = second.is_compressed === false ? levels.rest : unpacked(levels.rest, levels.size)
      checkValues(new Runs(rest), values)
    }
  }
}

/**
 * Checks the levels of a page if they are stored separately, as in pages of version 2. `width` is
 * in bits.
 */
export function checkLevels(levels: Uint8Array, width: number, values: number): void {
  if (width > 0) new Runs(levels).runs(width, values)
}

type SecondHeader = NonNullable<PageHeader['data_page_header_v2']>

function levelsOf(header: PageHeader, second: SecondHeader, body: Uint8Array) {
  const first = checkCount(second.repetition_levels_byte_length, body.length)
  const both = first + checkCount(second.definition_levels_byte_length, body.length - first)
  return {
    repetition: body.subarray(0, first),
    definition: body.subarray(first, both),
    rest: body.subarray(both),
    size: header.uncompressed_page_size - both,
  }
}

function checkCount(count: number, most: number): number {
  if (!(count >= 0 && count <= most)) throw new Error(`a page says ${count} where ${most} is the most that can be`)
  return count
}

/** Returns the number of bits that hold any level up to the highest. */
function widthOf(highest: number): number {
  return WIDEST_VALUE - Math.clz32(highest)
}

/** Reads runs of values. A run has one of two kinds: one repeated value, or bit-packed values. */
class Runs {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    const value = this.#bytes[this.#at++]
    if (value === undefined) throw new Error('a page has fewer values than it says')
    return value
  }

  /** Reads runs that follow their length in bytes, as in pages of version 1. */
  lengthAndRuns(width: number, values: number): void {
    if (width === 0) return
    const length = this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24)
    const end = this.#at + checkCount(length, this.#bytes.length - this.#at)
    this.runs(width, values)
    this.#at = end
  }

  /**
   * Reads runs up to the given number of values, or to the end of the bytes, because nulls have no
   * values.
   */
  runs(width: number, values: number): void {
    if (width > WIDEST_VALUE) throw new Error(`a page says that its values have ${width} bits`)
    for (let seen = 0; seen < values && !this.atEnd; ) {
      const header = this.#varint()
      const packed = header % 2 === 1
      const count = packed ? (header >>> 1) * 8 : header >>> 1
      if (count > values - seen + MOST_PADDING)
        throw new Error(`a page has a run of ${count} values where ${values - seen} are left`)
      seen += count
      this.#at += packed ? (count / 8) * width : Math.ceil(width / 8)
    }
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const next = this.byte()
      value |= (next & 0x7f) << shift
      if (next < 0x80) return value >>> 0
    }
    throw new Error('a page has a run whose length is not a number')
  }
}
