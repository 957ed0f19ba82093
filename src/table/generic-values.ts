import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { type ParquetScan, parquetScan, type RowGroup, type SchemaElement } from 'hyparquet'
import { dateFromDays } from './physical.js'

/** The bytes of one row group, and Parquet's words for what is in them. */
export interface RowGroupBytes {
  readonly rows: number
  readonly bytes: Uint8Array
  /** Where in the file the bytes are. */
  readonly start: number
  readonly elements: readonly SchemaElement[]
  readonly rowGroup: RowGroup
}

/** Reads columns of a row group by hyparquet: whatever encodings and shapes it knows. */
export function genericReader(group: RowGroupBytes): (column: string) => Promise<ArrayLike<unknown>> {
  let scan: Promise<ParquetScan> | undefined
  return async (column) => {
    scan ??= scanOf(group)
    return (await scan).readColumn({ column, rowStart: 0, rowEnd: group.rows })
  }
}

function scanOf({ bytes, start, elements, rowGroup }: RowGroupBytes): Promise<ParquetScan> {
  return parquetScan({
    file: {
      byteLength: start + bytes.length,
      // hyparquet takes whole buffers, not views of them.
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
    compressors: { GZIP: (input) => gunzipSync(input), BROTLI: (input) => brotliDecompressSync(input) },
    parsers: { dateFromDays, jsonFromBytes: (bytes) => new TextDecoder().decode(bytes) },
  })
}
