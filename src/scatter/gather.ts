import { readAhead } from '../async/concurrency.js'
import type { Piece, Store } from '../store/store.js'
import { createTableAssembler } from '../table/assemble.js'
import type { TableSchema } from '../table/schema.js'
import { beginAttempt } from './attempt.js'
import { checkRows, checkSize, reading } from './check-table.js'
import type { Range } from './plan.js'
import { type Part, partsOf, type Receipt, totals } from './receipt.js'
import { openObjectTable, type RunFolder } from './run-folder.js'
import type { TaskHost } from './task.js'

/** Number of rows in a row group of a table of results. */
const ROW_GROUP = 100_000
/** Size from which a part is named or carried over as it is, in bytes. Smaller parts are merged. */
const LARGE = 8 * 2 ** 20
/** Number of small parts that are read ahead. */
const AHEAD = 8

/**
 * Assembles a table from its parts, in order, and yields the pieces of its object. Checks small
 * parts whole, and of large ones the footer and the size. Throws `PartDamagedError` if a part
 * differs from its receipt.
 */
export async function* gather(folder: Store, schema: TableSchema, parts: Iterable<Part>): AsyncGenerator<Piece> {
  const table = createTableAssembler(schema, { rowGroupSize: ROW_GROUP })
  const read = (part: Part) =>
    reading(folder, part, async () => {
      if (part.bytes >= LARGE) return { part, file: (await openObjectTable(folder, part.key, part.bytes))[1] }
      const bytes = await folder.get(part.key)
      checkSize(folder, part, bytes.length)
      return { part, bytes }
    })
  for await (const { part, bytes, file } of readAhead(parts, AHEAD, read)) {
    const before = table.rows
    yield* await reading(folder, part, async () => (bytes ? table.addPart(bytes) : table.addLarge(part.key, file)))
    checkRows(folder, part, table.rows - before)
  }
  yield* await table.finish()
}

/**
 * Merges small parts until they are large; large parts stay as they are. Resolves with parts that
 * hold the same rows.
 */
async function mergeParts(
  folder: Store,
  schema: TableSchema,
  parts: readonly Part[],
  newKey: (index: number) => string,
): Promise<Part[]> {
  const merged: Part[] = []
  let small: Part[] = []
  async function flush() {
    if (small.length > 1) {
      const key = newKey(merged.length)
      const bytes = await folder.compose(key, gather(folder, schema, small))
      merged.push({ key, bytes, rows: small.reduce((rows, part) => rows + part.rows, 0) })
    } else merged.push(...small)
    small = []
  }
  let size = 0
  for (const part of parts) {
    if (part.bytes >= LARGE) {
      await flush()
      merged.push(part)
      size = 0
    } else {
      small.push(part)
      size += part.bytes
      if (size >= LARGE) {
        await flush()
        size = 0
      }
    }
  }
  await flush()
  return merged
}

/** Merges the parts of a node's children, and writes the node's receipt. */
export async function gatherReceipts(
  run: RunFolder,
  { start, end }: Range,
  host: TaskHost,
  receipts: readonly Receipt[],
) {
  const attempt = beginAttempt({ folder: run.folder, worker: host.worker }, { start, end })
  const tables: Record<string, Part[]> = Object.create(null)
  for (const [table, schema] of Object.entries(run.allocation.tables)) {
    const parts = partsOf(receipts, table)
    if (parts.length === 0) continue
    tables[table] = await mergeParts(run.folder, schema, parts, (index) => attempt.keyOf(`${table}-${index}`))
  }
  return attempt.commit(totals(receipts), tables)
}
