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

/** A run as its tasks see it: its folder, what was allocated, and its specs. */
export interface RunFolder {
  /** The run's folder in the store; keys are relative to it. */
  readonly folder: Store
  readonly allocation: Allocation
  /** The row group of `specs.pq` that holds this row. */
  readSpecs(row: number): Promise<TableSlice>
}

/** Batches go through the rows in order: the last few row groups are all that is asked for again. */
const KEPT_SLICES = 4

/** An object of a store as bytes to read Parquet from. */
function objectSource(folder: Store, key: string, size: number): ByteSource {
  return { byteLength: size, slice: (start, end) => folder.getRange(key, start, end) }
}

export async function openObjectTable(folder: Store, key: string, size?: number): Promise<[ByteSource, TableFile]> {
  const bytes = size ?? (await findObject(folder, key))?.size
  // Where there is none, `get` says so with the store's own error.
  if (bytes === undefined) await folder.get(key)
  const source = objectSource(folder, key, bytes ?? 0)
  return [source, await naming(folder, key, openTable(source))]
}

/** Rejects with `RunObjectInvalidError`, which names the object, where it cannot be read as a table. */
export async function naming<T>(folder: Store, key: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw named(folder, key, error)
  }
}

/** A table's rows in order. Which object it is that cannot be read is said as `naming` does. */
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
  let specs: Promise<[ByteSource, TableFile]> | undefined
  const slices = new Map<number, Promise<TableSlice>>()
  return {
    folder,
    allocation,
    async readSpecs(row) {
      specs ??= openObjectTable(folder, SPECS_KEY).catch((error) => {
        specs = undefined
        throw error
      })
      const [source, file] = await specs
      const index = file.rowGroups.findIndex((group) => row < group.firstRow + group.rows)
      const known = slices.get(index)
      if (known) return known
      const slice = naming(folder, SPECS_KEY, readSlice(source, file, index))
      slices.set(index, slice)
      slice.catch(() => slices.delete(index))
      if (slices.size > KEPT_SLICES) slices.delete(slices.keys().next().value!)
      return slice
    },
  }
}
