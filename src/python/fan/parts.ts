import { isDeepStrictEqual } from 'node:util'
import { mapConcurrently } from '../../async/concurrency.js'
import { gather } from '../../scatter/gather.js'
import type { Part } from '../../scatter/receipt.js'
import { joinTables } from '../../scatter/remote/rows.js'
import { openObjectTable } from '../../scatter/run-folder.js'
import type { SpecPart } from '../../scatter/spec-batch.js'
import type { Piece, Store } from '../../store/store.js'
import { openTable } from '../../table/file.js'
import { bytesSource } from '../../table/source.js'
import { shapeOf, unify } from './columns.js'
import { fitPart } from './frames.js'

/** Number of parts whose columns are read concurrently. */
const AHEAD = 16

/** Concatenates parts whose columns may differ. */
export async function joinParts(parts: readonly SpecPart[]): Promise<Uint8Array> {
  const files = await Promise.all(parts.map(({ bytes }) => openTable(bytesSource(bytes))))
  const schema = unify(files.map(shapeOf))
  const fitted: Uint8Array[] = []
  for (const { bytes } of parts) fitted.push(await fitPart(bytes, schema))
  return joinTables(schema, fitted)
}

/**
 * Concatenates stored parts whose columns may differ into one table, in their order. Parts that
 * must be rewritten are stored under `prefix`.
 */
export async function gatherTables(
  folder: Store,
  parts: readonly Part[],
  prefix: string,
): Promise<AsyncGenerator<Piece>> {
  const files = await mapConcurrently(
    parts,
    AHEAD,
    async ({ key, bytes }) => (await openObjectTable(folder, key, bytes))[1],
  )
  const schema = unify(files.map(shapeOf))
  const fitted = await mapConcurrently([...parts.entries()], 1, async ([index, part]) => {
    if (isDeepStrictEqual(files[index]!.schema, schema)) return part
    const bytes = await fitPart(await folder.get(part.key), schema)
    const key = `${prefix}-${index}.pq`
    await folder.put(key, bytes)
    return { key, rows: part.rows, bytes: bytes.length }
  })
  return gather(folder, schema, fitted)
}
