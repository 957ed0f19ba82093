import type { ColumnChunk, RowGroup } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { writeMetadata } from 'hyparquet-writer/src/metadata.js'
import type { TableColumns } from './columns.js'
import { footerCheck } from './footer-check.js'
import { addHeaders, headersMetadata } from './page-checks.js'
import { PANDAS_KEY, pandasMetadata } from './pandas.js'
import type { Leaf } from './parquet-schema.js'
import { type ChunkPages, mergeStatistics } from './statistics.js'

/**
 * The `created_by` entry of files whose pages are as `encode-flat.ts` and `encode-nested.ts` make
 * them. Another encoding needs another number.
 */
export const CREATED_BY = 'scythe version 1'
/** The key under which a footer holds the table's `TableSchema`, as JSON. */
export const SCHEMA_KEY = 'scythe'

const MAGIC = new TextEncoder().encode('PAR1')

/**
 * The layout of a file that is being written. It knows the position of the next byte, and the
 * contents of the footer.
 */
export interface TableLayout {
  readonly rows: number
  /**
   * Adds a row group. `stretches` holds its rows in order, each with one `ChunkPages` for every
   * leaf. Returns the bytes to write.
   */
  addRowGroup(stretches: readonly (readonly ChunkPages[])[], rows: number): Uint8Array[]
  /**
   * Adds a row group that is in another file with equal columns, at the bytes `start` to `end`.
   * These bytes must be copied after the returned bytes.
   */
  carryRowGroup(group: RowGroup, start: number, end: number): Uint8Array[]
  /** Returns the footer. */
  finish(): Uint8Array[]
}

export function createTableLayout({ schema, elements, leaves }: TableColumns): TableLayout {
  const groups: RowGroup[] = []
  let offset = 0
  let rows = 0

  /** The magic bytes of the format come first. */
  const begin = (): Uint8Array[] => {
    if (offset > 0) return []
    offset = MAGIC.length
    return [MAGIC]
  }

  const add = (group: RowGroup) => {
    groups.push(group)
    rows += Number(group.num_rows)
  }

  const hasNulls = (name: string) =>
    groups.some(({ columns }) =>
      columns.some(
        ({ meta_data }) => meta_data!.path_in_schema[0] === name && meta_data!.statistics?.null_count !== 0n,
      ),
    )

  return {
    get rows() {
      return rows
    },
    addRowGroup(stretches, groupRows) {
      const pieces = begin()
      const columns = leaves.map((leaf, i) => {
        const { chunk, pages } = columnChunk(
          leaf,
          stretches.map((stretch) => stretch[i]!),
          offset,
        )
        pieces.push(...pages)
        offset += Number(chunk.meta_data!.total_compressed_size)
        return chunk
      })
      add({
        columns,
        total_byte_size: sum(columns.map(({ meta_data }) => meta_data!.total_uncompressed_size)),
        total_compressed_size: sum(columns.map(({ meta_data }) => meta_data!.total_compressed_size)),
        num_rows: BigInt(groupRows),
      })
      return pieces
    },
    carryRowGroup(group, start, end) {
      const pieces = begin()
      const moved = BigInt(offset - start)
      const columns = group.columns.map(({ meta_data, file_offset }) => ({
        file_offset,
        meta_data: { ...meta_data!, data_page_offset: meta_data!.data_page_offset + moved },
      }))
      add({ ...group, columns })
      offset += end - start
      return pieces
    },
    finish() {
      const pieces = begin()
      const footer = new ByteWriter()
      writeMetadata(footer, {
        // The format has two versions, and every reader supports this one.
        version: 1,
        created_by: CREATED_BY,
        schema: elements,
        num_rows: BigInt(rows),
        row_groups: groups,
        key_value_metadata: [
          { key: PANDAS_KEY, value: pandasMetadata(schema, rows, hasNulls) },
          { key: SCHEMA_KEY, value: JSON.stringify(schema) },
        ],
        metadata_length: 0,
      })
      footer.appendBytes(MAGIC)
      return [...pieces, footerCheck(footer.getBytes()), footer.getBytes()]
    },
  }
}

function columnChunk({ element, path, codec }: Leaf, stretches: readonly ChunkPages[], offset: number) {
  const pages = stretches.flatMap((stretch) => stretch.pages)
  const chunk: ColumnChunk = {
    file_offset: 0n,
    meta_data: {
      type: element.type!,
      encodings: ['PLAIN', 'RLE'],
      path_in_schema: [...path],
      codec,
      num_values: BigInt(total(stretches.map(({ values }) => values))),
      total_uncompressed_size: BigInt(total(stretches.map(({ uncompressedSize }) => uncompressedSize))),
      total_compressed_size: BigInt(total(pages.map(({ length }) => length))),
      key_value_metadata: headersMetadata(addHeaders(stretches.map(({ headers }) => headers))),
      data_page_offset: BigInt(offset),
      statistics: stretches.map(({ statistics }) => statistics).reduce(mergeStatistics),
    },
  }
  return { chunk, pages }
}

function sum(sizes: readonly bigint[]): bigint {
  return sizes.reduce((a, b) => a + b, 0n)
}

function total(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0)
}
