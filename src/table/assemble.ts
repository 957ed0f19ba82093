import { isDeepStrictEqual } from 'node:util'
import type { ColumnMetaData } from 'hyparquet'
import { compileColumns } from './columns.js'
import { TableMismatchError } from './errors.js'
import { openTable, rememberLast, type TableFile } from './file.js'
import { createTableLayout } from './layout.js'
import { checkPages } from './page-checks.js'
import { createRowBuffer } from './row-buffer.js'
import type { TableSchema } from './schema.js'
import { decodeSlice, readSlice } from './slice.js'
import { bytesSource } from './source.js'
import type { ChunkPages, ChunkStatistics } from './statistics.js'

/**
 * A part with fewer rows is decoded, and encoded again together with its neighbours, because its
 * pages would be too small.
 */
const SMALL_PART_ROWS = 500
/**
 * The number of decoded rows, and the size in bytes of their parts, at which the rows are encoded.
 */
const DECODED_ROWS = 10_000
const DECODED_BYTES = 8 << 20
/** A row group ends at this number of bytes, however few rows it has. */
const ROW_GROUP_BYTES = 64 << 20

/**
 * A piece of the assembled file: bytes in memory, or the bytes from `start` (inclusive) to `end`
 * (exclusive) of the object `key`.
 */
export type TablePiece = Uint8Array | { readonly key: string; readonly start: number; readonly end: number }

/**
 * Assembles one table from many parts, in the order in which they are added (await each part before
 * the next). The result depends only on the parts and their order. The assembler holds at most one
 * row group in memory.
 */
export interface TableAssembler {
  readonly rows: number
  /**
   * Adds a whole part from memory; its bytes must not be changed afterwards. Pages are appended to
   * those of its neighbours without decoding them. A part that is small, or that another writer
   * made, is decoded and encoded again. Resolves with the pieces that are ready. Throws
   * `TableMismatchError` if the part has a column that the table does not have.
   */
  addPart(bytes: Uint8Array): Promise<TablePiece[]>
  /**
   * Adds a large part that this package wrote. Its row groups become pieces that refer to `key`,
   * and are not read. Throws `TableMismatchError` for any other part.
   */
  addLarge(key: string, file: TableFile): TablePiece[]
  /** Returns the last pieces. */
  finish(): TablePiece[]
}

/** Creates an assembler. A row group ends with the part that fills it to `rowGroupSize` rows. */
export function createTableAssembler(
  schema: TableSchema,
  { rowGroupSize }: { readonly rowGroupSize: number },
): TableAssembler {
  const columns = compileColumns(schema)
  const layout = createTableLayout(columns)
  const written = JSON.parse(JSON.stringify(schema)) as TableSchema
  const isSchema = rememberLast((other: TableSchema) => isDeepStrictEqual(other, written))
  /** Returns whether a file's pages can be copied into the table unchanged. */
  const isAlike = (file: TableFile) => file.isScythe && isSchema(file.schema)
  /** Rows of decoded parts. They come after the rows of the open row group. */
  const decoded = createRowBuffer(schema)
  let decodedBytes = 0
  let open = emptyGroup()

  const endGroup = (): Uint8Array[] => {
    const { stretches, rows } = open
    open = emptyGroup()
    return rows > 0 ? [Buffer.concat(layout.addRowGroup(stretches, rows))] : []
  }

  const addStretch = (stretch: ChunkPages[], rows: number): Uint8Array[] => {
    open.stretches.push(stretch)
    open.rows += rows
    for (const { pages } of stretch) for (const page of pages) open.bytes += page.length
    return open.rows >= rowGroupSize || open.bytes >= ROW_GROUP_BYTES ? endGroup() : []
  }

  const encodeDecoded = (): Uint8Array[] => {
    const { data, rows } = decoded.take()
    decodedBytes = 0
    return rows > 0 ? addStretch(columns.encode(data, rows, layout.rows + open.rows), rows) : []
  }

  const addDecoded = async (bytes: Uint8Array, part: TableFile): Promise<Uint8Array[]> => {
    const unknown = part.schema.columns.find(({ name }) => !schema.columns.some((column) => column.name === name))
    if (unknown)
      throw new TableMismatchError(
        `Expected a part with the table's columns, got one with a column ${unknown.name} besides.`,
      )
    const pieces: Uint8Array[] = []
    for (let group = 0; group < part.rowGroups.length; group++) {
      const slice = await readSlice(bytesSource(bytes), part, group)
      const data = await decodeSlice(slice, schema)
      for (let from = 0; from < slice.rows; ) {
        const room = Math.min(DECODED_ROWS, rowGroupSize - open.rows) - decoded.rows
        const to = Math.min(slice.rows, from + room)
        decoded.append(data, from, to)
        if (to - from === room) pieces.push(...encodeDecoded())
        from = to
      }
    }
    decodedBytes += bytes.length
    if (decodedBytes >= DECODED_BYTES) pieces.push(...encodeDecoded())
    return pieces
  }

  return {
    get rows() {
      return layout.rows + open.rows + decoded.rows
    },
    async addPart(bytes) {
      const part = await openTable(bytesSource(bytes))
      if (part.rows < SMALL_PART_ROWS || !isAlike(part)) return addDecoded(bytes, part)
      const pieces = encodeDecoded()
      part.metadata.row_groups.forEach(({ columns, num_rows }, rowGroup) => {
        const stretch = columns.map(({ meta_data }) => pagesIn(bytes, meta_data!, rowGroup))
        pieces.push(...addStretch(stretch, Number(num_rows)))
      })
      return pieces
    },
    addLarge(key, file) {
      if (!isAlike(file))
        throw new TableMismatchError(
          `Expected ${key} to be a table of the same columns, written by this version of Scythe.`,
        )
      const pieces: TablePiece[] = [...encodeDecoded(), ...endGroup()]
      file.rowGroups.forEach(({ start, end }, i) => {
        pieces.push(...layout.carryRowGroup(file.metadata.row_groups[i]!, start, end), { key, start, end })
      })
      return pieces
    },
    finish: () => [...encodeDecoded(), ...endGroup(), ...layout.finish()],
  }
}

interface OpenGroup {
  readonly stretches: ChunkPages[][]
  rows: number
  bytes: number
}

function emptyGroup(): OpenGroup {
  return { stretches: [], rows: 0, bytes: 0 }
}

/**
 * Returns the pages of a column chunk that this package wrote. Throws `TableUnreadableError` if the
 * pages do not fit their checksums.
 */
function pagesIn(bytes: Uint8Array, column: ColumnMetaData, rowGroup: number): ChunkPages {
  const start = Number(column.data_page_offset)
  const pages = bytes.subarray(start, start + Number(column.total_compressed_size))
  return {
    pages: [pages],
    headers: checkPages(pages, { rowGroup, column, ours: true }),
    values: Number(column.num_values),
    uncompressedSize: Number(column.total_uncompressed_size),
    statistics: column.statistics as ChunkStatistics,
  }
}
