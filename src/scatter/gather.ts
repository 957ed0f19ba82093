import type { Piece, Store } from '../store/store.js'
import { createTableAssembler } from '../table/assemble.js'
import type { TableSchema } from '../table/schema.js'
import { readAhead } from './promises.js'
import type { Part } from './receipt.js'
import { openObjectTable } from './run-folder.js'

/** Rows in a row group of a table of results. */
const ROW_GROUP = 100_000
/** A part of this size, in bytes, is named or carried over as it is; smaller ones are laid together. */
const LARGE = 8 * 2 ** 20
/** Small parts read before their turn. */
const AHEAD = 8

/** One table out of its parts, in their order, as the pieces of its object. */
export async function* gather(folder: Store, schema: TableSchema, parts: Iterable<Part>): AsyncGenerator<Piece> {
  const table = createTableAssembler(schema, { rowGroupSize: ROW_GROUP })
  const read = async (part: Part) =>
    part.bytes < LARGE
      ? { bytes: await folder.get(part.key) }
      : { key: part.key, file: (await openObjectTable(folder, part.key, part.bytes))[1] }
  for await (const part of readAhead(parts, AHEAD, read)) {
    if (part.bytes) yield* await table.addPart(part.bytes)
    else yield* await table.addLarge(part.key, part.file)
  }
  yield* await table.finish()
}

/** Lays small parts together until they are large; large ones stay as they are. Gives the parts that hold the same rows. */
export async function mergeParts(
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
