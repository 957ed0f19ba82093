import { open } from 'node:fs/promises'
import { openTable, type TableFile } from '../../table/file.js'
import { readRows } from '../../table/rows.js'
import type { ByteSource } from '../../table/source.js'
import { SpecsUnreadableError } from '../errors.js'
import type { OpenTable, RowBatch } from './rows.js'

/** Number of rows in a batch. */
const BATCH = 1000

/** Reads the rows of a Parquet file. Throws `SpecsUnreadableError` if it is not a Parquet file. */
export async function readParquet(name: string, path: string): Promise<OpenTable> {
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
    // The schema is read before anything is allocated.
    const table = await openTable(source)
    async function* batches() {
      try {
        yield* batchesOf(source, table)
      } catch (cause) {
        throw unreadable(name, cause)
      } finally {
        await file.close()
      }
    }
    return { encoding: 'data', unit: 'row', batches: batches() }
  } catch (cause) {
    await file.close()
    throw unreadable(name, cause)
  }
}

async function* batchesOf(source: ByteSource, table: TableFile): AsyncGenerator<RowBatch> {
  let rows: Record<string, unknown>[] = []
  let first = 0
  const batch = () => {
    const taken = rows
    rows = []
    first += taken.length
    return { rows: taken, places: taken.map((_, i) => first - taken.length + i) }
  }
  for await (const row of readRows(source, table)) {
    if (rows.push(row) === BATCH) yield batch()
  }
  yield batch()
}

function unreadable(file: string, cause: unknown): SpecsUnreadableError {
  const { message, problem } = cause as Error & { readonly problem?: string }
  return new SpecsUnreadableError(file, problem === undefined ? message : `${problem}.`, { cause })
}
