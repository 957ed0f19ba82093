import { codeOf } from '../error-codes.js'
import type { Store } from '../store/store.js'
import { readSlice } from '../table/slice.js'
import { PartDamagedError } from './errors.js'
import type { Part } from './receipt.js'
import { openObjectTable } from './run-folder.js'

/** Codes of errors that concern a table, which is missing or invalid, and not the store. */
const DAMAGE: ReadonlySet<unknown> = new Set([
  'OBJECT_NOT_FOUND',
  'RANGE_INVALID',
  'TABLE_UNREADABLE',
  'RUN_OBJECT_INVALID',
  'TABLE_MISMATCH',
  'COLUMN_VALUE_INVALID',
])

/**
 * Resolves like `read`. Rejects with `PartDamagedError` if `read` fails because of the part, or
 * finds other rows than the part should have.
 */
export async function reading<T>(folder: Store, part: Part, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!DAMAGE.has(codeOf(error))) throw error
    throw new PartDamagedError(folder.uriOf(part.key), (error as Error).message, { cause: error })
  }
}

/** Throws `PartDamagedError` if the number of rows of a part differs from its receipt. */
export function checkRows(folder: Store, { key, rows }: Part, found: number): void {
  if (found !== rows)
    throw new PartDamagedError(folder.uriOf(key), `it has ${found} rows, and its receipt says ${rows}.`)
}

/** Throws `PartDamagedError` if the size of a part, in bytes, differs from its receipt. */
export function checkSize(folder: Store, { key, bytes }: Pick<Part, 'key' | 'bytes'>, found: number): void {
  if (found !== bytes)
    throw new PartDamagedError(folder.uriOf(key), `it has ${found} bytes, and its receipt says ${bytes}.`)
}

/**
 * Reads a whole table, one row group at a time, and verifies its checksums. Rejects with
 * `PartDamagedError` if the table differs from its receipt.
 */
export async function checkTable(folder: Store, part: Part): Promise<void> {
  await reading(folder, part, async () => {
    const there = await folder.head(part.key)
    if (!there) await folder.get(part.key)
    else checkSize(folder, part, there.size)
    const [source, file] = await openObjectTable(folder, part.key, part.bytes)
    checkRows(folder, part, file.rows)
    for (let group = 0; group < file.rowGroups.length; group++) await readSlice(source, file, group)
  })
}
