import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { writeColumn } from 'hyparquet-writer/src/column.js'
import { encodeNestedValues } from 'hyparquet-writer/src/dremel.js'
import { snappyCompress } from 'hyparquet-writer/src/snappy.js'
import { own } from '../settings/own.js'
import { ColumnValueInvalidError } from './errors.js'
import { addHeaders, withChecksums } from './page-checks.js'
import { type Leaf, leafType } from './parquet-schema.js'
import { expectedValue, physicalOf } from './physical.js'
import type { Column, ColumnType } from './schema.js'
import type { ChunkPages } from './statistics.js'

/**
 * Encodes the values of a column of lists or structs as pages, one `ChunkPages` for each leaf.
 * `firstRow` is the index of the first row in the table.
 */
export function encodeNested(
  { name, type }: Column,
  leaves: readonly Leaf[],
  values: ArrayLike<unknown>,
  rows: number,
  firstRow: number,
): ChunkPages[] {
  const stored = Array.from({ length: rows }, (_, row) => physicalValue(type, values[row], name, firstRow + row))
  return leaves.map((leaf) => encodeLeaf(leaf, stored))
}

function encodeLeaf(leaf: Leaf, rows: unknown[]): ChunkPages {
  const writer = new ByteWriter()
  const { chunk } = writeColumn({
    writer,
    pageData: encodeNestedValues([...leaf.nodes], rows),
    column: {
      columnName: leaf.path.join('.'),
      element: leaf.element,
      schemaPath: leaf.nodes.map((node) => node.element),
      codec: leaf.codec,
      compressors: { SNAPPY: snappyCompress },
      stats: true,
      pageSize: 1 << 20,
      columnIndex: false,
      offsetIndex: false,
      encoding: 'PLAIN',
    },
  })
  const meta = chunk.meta_data!
  const pages = withChecksums(writer.getBytes())
  const size = pages.reduce((bytes, page) => bytes + page.bytes.length, 0)
  return {
    pages: pages.map(({ bytes }) => bytes),
    values: Number(meta.num_values),
    uncompressedSize: Number(meta.total_uncompressed_size) + size - writer.offset,
    headers: addHeaders(pages.map(({ header }) => header)),
    statistics: { null_count: meta.statistics?.null_count ?? 0n },
  }
}

/**
 * Returns the value that Parquet stores, in the shape of the given value. Throws
 * `ColumnValueInvalidError` with the path inside the column.
 */
function physicalValue(type: ColumnType, value: unknown, path: string, row: number): unknown {
  if (value === null || value === undefined) return undefined
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw new ColumnValueInvalidError(path, row, value, expectedValue(type))
    return value.map((item, i) => physicalValue(type.item, item, `${path}[${i}]`, row))
  }
  if (type.kind === 'struct' && type.fields.length > 0) {
    if (typeof value !== 'object' || Array.isArray(value))
      throw new ColumnValueInvalidError(path, row, value, expectedValue(type))
    const fields = value as Record<string, unknown>
    return Object.fromEntries(
      type.fields.map((field) => [
        field.name,
        physicalValue(field.type, own(fields, field.name), `${path}.${field.name}`, row),
      ]),
    )
  }
  const stored = physicalOf(leafType(type)!)(value)
  if (stored === undefined) throw new ColumnValueInvalidError(path, row, value, expectedValue(type))
  return type.kind === 'int64' ? BigInt(stored) : stored
}
