import { createMemo, remember } from '../async/promises.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { TableUnreadableError } from '../table/errors.js'
import { openTable, type TableFile } from '../table/file.js'
import { readRows } from '../table/rows.js'
import { readSlice, type TableSlice } from '../table/slice.js'
import type { ByteSource } from '../table/source.js'
import { type Allocation, NOT_AGAIN, readAllocation, SPECS_KEY } from './allocation.js'
import { RunObjectInvalidError } from './errors.js'
import { findObject } from './find-object.js'

/** A run as its tasks see it: its folder, its allocation, and its specs. */
export interface RunFolder {
  /** The run's folder in the store; keys are relative to it. */
  readonly folder: Store
  readonly allocation: Allocation
  /** Reads the row group of `specs.pq` that holds this row. */
  readSpecs(row: number): Promise<TableSlice>
}

/**
 * Number of row groups in memory. Batches go through the rows in order, so only the last few groups
 * are read again.
 */
const KEPT_SLICES = 4

/** Returns an object of a store as a source of bytes for Parquet. */
function objectSource(folder: Store, key: string, size: number): ByteSource {
  return { byteLength: size, slice: (start, end) => folder.getRange(key, start, end) }
}

export async function openObjectTable(folder: Store, key: string, size?: number): Promise<[ByteSource, TableFile]> {
  const bytes = size ?? (await findObject(folder, key))?.size
  // If there is no object, `get` throws the store's own error.
  if (bytes === undefined) await folder.get(key)
  const source = objectSource(folder, key, bytes ?? 0)
  return [source, await naming(folder, key, openTable(source))]
}

/**
 * Rejects with `RunObjectInvalidError`, which names the object, if it cannot be read as a table.
 */
export async function naming<T>(folder: Store, key: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw named(folder, key, error)
  }
}

/**
 * Yields a table's rows in order. Throws `RunObjectInvalidError`, which names the object, if it
 * cannot be read as a table.
 */
export async function* readObjectRows(
  folder: Store,
  key: string,
  [source, file]: [ByteSource, TableFile],
): AsyncGenerator<Record<string, unknown>> {
  try {
    yield* readRows(source, file)
  } catch (error) {
    throw named(folder, key, error)
  }
}

function named(folder: Store, key: string, error: unknown): unknown {
  if (!(error instanceof TableUnreadableError)) return error
  return new RunObjectInvalidError(folder.uriOf(key), `${error.problem}.${wayOut(key)}`, { cause: error })
}

function wayOut(key: string): string {
  return key === SPECS_KEY ? ` ${NOT_AGAIN}` : ''
}

export async function openRunFolder(store: Store, run: string): Promise<RunFolder> {
  const folder = scopedStore(store, run)
  const allocation = await readAllocation(folder)
  const openSpecs = remember(() => openObjectTable(folder, SPECS_KEY))
  const slices = createMemo<number, TableSlice>(KEPT_SLICES)
  return {
    folder,
    allocation,
    async readSpecs(row) {
      const [source, file] = await openSpecs()
      const index = file.rowGroups.findIndex((group) => row < group.firstRow + group.rows)
      return slices.get(index, () => naming(folder, SPECS_KEY, readSlice(source, file, index)))
    },
  }
}
