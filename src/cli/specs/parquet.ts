import { open } from 'node:fs/promises'
import type { Row } from '../../experiment/convert.js'
import { openTable } from '../../table/file.js'
import { readRows } from '../../table/rows.js'
import type { ByteSource } from '../../table/source.js'
import { SpecsUnreadableError } from '../errors.js'

/** The rows of a Parquet file. Throws `SpecsUnreadableError` where it is none. */
export async function readParquet(path: string): Promise<AsyncIterable<Row>> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const source: ByteSource = {
      byteLength: size,
      async slice(start, end) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
        return buffer.subarray(0, bytesRead)
      },
    }
    // Read before anything is allocated.
    const table = await openTable(source)
    async function* rows() {
      try {
        yield* readRows(source, table)
      } catch (cause) {
        throw unreadable(path, cause)
      } finally {
        await file.close()
      }
    }
    return rows()
  } catch (cause) {
    await file.close()
    throw unreadable(path, cause)
  }
}

function unreadable(path: string, cause: unknown): SpecsUnreadableError {
  return new SpecsUnreadableError(path, (cause as Error).message, { cause })
}
