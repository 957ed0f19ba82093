import { isDeepStrictEqual } from 'node:util'
import type { Piece, Store } from '../store/store.js'
import { openTable } from '../table/file.js'
import { bytesSource } from '../table/source.js'
import { gather } from './gather.js'
import { mapConcurrently } from './promises.js'
import { shapeOf, unify } from './python-columns.js'
import { fitPart, type Part } from './python-frames.js'
import type { Part as StoredPart } from './receipt.js'
import { joinTables } from './remote-rows.js'
import { openObjectTable } from './run-folder.js'

/** The rows of one spec, table by table. */
export type SpecParts = Readonly<Record<string, Part>>

type Kept = Readonly<Record<string, Part | StoredPart>>

/** What a spec brings for a table is kept in memory until its batch is done, unless it is this large, in bytes. */
const LARGE = 256 * 1024
/** Parts whose columns are looked at at once. */
const AHEAD = 16

/** The parts of one batch, under `prefix`. */
interface BatchParts {
  /** Takes what a spec brought; large parts are stored. */
  keep(position: number, parts: SpecParts): Promise<Kept>
  /** Lays what is still in memory together, and stores it. Gives the parts of every table, in order. */
  join(kept: readonly Kept[]): Promise<Record<string, StoredPart[]>>
}

export function createBatchParts(folder: Store, prefix: string): BatchParts {
  async function put(name: string, { bytes, rows }: Part): Promise<StoredPart> {
    const key = `${prefix}/${name}.pq`
    await folder.put(key, bytes)
    return { key, rows, bytes: bytes.length }
  }

  async function joinTable(table: string, items: readonly Kept[string][]): Promise<StoredPart[]> {
    const parts: StoredPart[] = []
    let open: Part[] = []
    const flush = async () => {
      if (open.length > 0) parts.push(await put(`${table}-${parts.length}`, await joinParts(open)))
      open = []
    }
    for (const item of items) {
      if ('key' in item) {
        await flush()
        parts.push(item)
      } else open.push(item)
    }
    await flush()
    return parts
  }

  return {
    async keep(position, parts) {
      const kept: Record<string, Kept[string]> = {}
      for (const [table, part] of Object.entries(parts)) {
        kept[table] = part.bytes.length < LARGE ? part : await put(`${table}-spec-${position}`, part)
      }
      return kept
    },
    async join(kept) {
      const tables: Record<string, StoredPart[]> = {}
      for (const name of new Set(kept.flatMap((tables) => Object.keys(tables)))) {
        tables[name] = await joinTable(
          name,
          kept.flatMap((tables) => tables[name] ?? []),
        )
      }
      return tables
    },
  }
}

/** Parts of whatever columns as one. */
async function joinParts(parts: readonly Part[]): Promise<Part> {
  const files = await Promise.all(parts.map(({ bytes }) => openTable(bytesSource(bytes))))
  const schema = unify(files.map(shapeOf))
  const fitted: Uint8Array[] = []
  for (const { bytes } of parts) fitted.push(await fitPart(bytes, schema))
  return { bytes: await joinTables(schema, fitted), rows: parts.reduce((sum, part) => sum + part.rows, 0) }
}

/** One table out of parts of whatever columns, in their order. Those that have to be written anew go under `prefix`. */
export async function gatherTables(
  folder: Store,
  parts: readonly StoredPart[],
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
