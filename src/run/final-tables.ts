import { checkTable } from '../scatter/check-table.js'
import { PartDamagedError, RunObjectInvalidError } from '../scatter/errors.js'
import { checkNotBlocked, findObject } from '../scatter/find-object.js'
import type { RunReceipt } from '../scatter/finish.js'
import { openObjectTable, readObjectRows } from '../scatter/run-folder.js'
import type { Store } from '../store/store.js'
import { TableUnreadableError } from '../table/errors.js'
import type { TableFile } from '../table/file.js'
import type { ByteSource } from '../table/source.js'

/** A final table that differs from the run's receipt. */
export interface DamagedTable {
  readonly uri: string
  readonly problem: string
  /** Whether the table exists in the right size, but with other bytes. */
  readonly inside: boolean
}

/**
 * Finds the final tables that are missing, or whose size differs from the run's receipt. Takes one
 * listing of the store.
 */
export async function findMissingTables(folder: Store, { tables }: RunReceipt): Promise<DamagedTable[]> {
  const sizes = new Map<string, number>()
  for await (const { key, size } of folder.list('final/')) sizes.set(key, size)
  const found: DamagedTable[] = []
  for (const { key, bytes } of Object.values(tables)) {
    const size = sizes.get(key)
    if (size === bytes) continue
    if (size === undefined) await checkNotBlocked(folder, key)
    const problem = size === undefined ? 'it is missing' : `it has ${size} bytes, and the run's receipt says ${bytes}`
    found.push({ uri: folder.uriOf(key), problem, inside: false })
  }
  return found
}

/**
 * Finds the tables that `findMissingTables` finds, and those whose bytes do not match their
 * checksums. Tables of more than `most` bytes are not read.
 */
export async function findDamagedTables(folder: Store, receipt: RunReceipt, most: number): Promise<DamagedTable[]> {
  const damaged = await findMissingTables(folder, receipt)
  for (const table of Object.values(receipt.tables)) {
    const uri = folder.uriOf(table.key)
    if (table.bytes > most || damaged.some((found) => found.uri === uri)) continue
    try {
      await checkTable(folder, table)
    } catch (error) {
      if (!(error instanceof PartDamagedError)) throw error
      damaged.push({ uri, problem: error.problem, inside: true })
    }
  }
  return damaged
}

/**
 * Yields the rows of a final table. Throws `RunObjectInvalidError`, whose message tells how to
 * repair the table, if it differs from the run's receipt.
 */
export async function* readWholeRows(
  folder: Store,
  receipt: RunReceipt,
  table: string,
): AsyncGenerator<Record<string, unknown>> {
  const { key } = receipt.tables[table]!
  try {
    yield* readObjectRows(folder, key, await openWhole(folder, receipt, table))
  } catch (error) {
    if (!(error instanceof RunObjectInvalidError && error.cause instanceof TableUnreadableError)) throw error
    throw new RunObjectInvalidError(error.uri, `${error.problem} ${RESUME}`, { cause: error.cause })
  }
}

const RESUME = 'Resume the run with --verify (verify: true in a script): what is damaged is made again.'

async function openWhole(folder: Store, receipt: RunReceipt, table: string): Promise<[ByteSource, TableFile]> {
  const { key, bytes } = receipt.tables[table]!
  const size = (await findObject(folder, key))?.size
  if (size === bytes) return openObjectTable(folder, key, bytes)
  const problem = size === undefined ? 'it is missing.' : `it has ${size} bytes, and the run's receipt says ${bytes}.`
  throw new RunObjectInvalidError(folder.uriOf(key), `${problem} Resume the run: what was lost is made again.`)
}
