import { RunObjectInvalidError } from '../scatter/errors.js'
import { naming, openObjectTable } from '../scatter/run-folder.js'
import type { Store } from '../store/store.js'
import type { TableFile } from '../table/file.js'
import { PANDAS_KEY } from '../table/pandas.js'
import { decodeSlice, readSlice } from '../table/slice.js'
import type { ByteSource } from '../table/source.js'

const FINAL = 'final/'
const SORT_INDEX = { name: 'sort_index', type: { kind: 'int64' } } as const

/**
 * Resolves with the final tables of a run that has no receipt to name them: the keys by the names
 * of the tables.
 */
export async function listFinalTables(folder: Store): Promise<Record<string, string>> {
  const tables: Record<string, string> = Object.create(null)
  for await (const { key } of folder.list(FINAL)) {
    const name = /^final\/([^/]+)\.pq$/.exec(key)?.[1]
    if (name !== undefined) tables[name] = key
  }
  return tables
}

/** Returns the key of a final table. */
export function finalTableKey(table: string): string {
  return `${FINAL}${table}.pq`
}

/**
 * Opens a final table. Rejects with `RunObjectInvalidError` if it is truncated, or has no pandas
 * metadata.
 */
export async function openFinalTable(folder: Store, key: string): Promise<[ByteSource, TableFile]> {
  const table = await openObjectTable(folder, key)
  if (table[1].metadata.key_value_metadata?.some(({ key }) => key === PANDAS_KEY)) return table
  throw new RunObjectInvalidError(
    folder.uriOf(key),
    'it has no pandas metadata, which say what its index is; write it with pandas.',
  )
}

export function hasSortIndex({ schema }: TableFile): boolean {
  return schema.columns.some(({ name }) => name === SORT_INDEX.name)
}

/**
 * Reads the `sort_index` of every row of a table, sorted. Rejects with `RunObjectInvalidError` if
 * the table has no such column.
 */
export async function readSortIndexes(
  folder: Store,
  key: string,
  [source, file]: [ByteSource, TableFile],
): Promise<Float64Array> {
  if (!hasSortIndex(file)) throw new RunObjectInvalidError(folder.uriOf(key), 'it has no column sort_index.')
  const indexes = new Float64Array(file.rows)
  for (let group = 0; group < file.rowGroups.length; group++) {
    const slice = await readSlice(source, file, group, SORT_INDEX.name)
    const { sort_index = [] } = await naming(folder, key, decodeSlice(slice, { columns: [SORT_INDEX], index: [] }))
    indexes.set(sort_index as number[], slice.firstRow)
  }
  return indexes.sort()
}
