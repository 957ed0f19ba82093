import { mapConcurrently } from '../async/concurrency.js'
import type { Store } from '../store/store.js'
import type { Range } from './plan.js'
import { newAttempt, type Part, type Receipt, writeReceipt } from './receipt.js'
import type { TaskHost } from './task.js'

/** Rows of one table, encoded and not stored yet. */
export interface SpecPart {
  readonly bytes: Uint8Array
  readonly rows: number
}

/** The rows of one spec, table by table. */
export type SpecParts = Readonly<Record<string, SpecPart>>

/** What a spec brings for a table is kept in memory until its batch is done, unless it is this large, in bytes. */
const LARGE = 256 * 1024

export interface SpecBatches {
  readonly host: Pick<TaskHost, 'worker' | 'window'>
  /** Where parts lie, and the folder of their keys in it. */
  readonly folder: Store
  readonly partsFolder: string
  /** Where receipts lie. */
  readonly receipts: Store
  /** Waits for its turn among the specs of other batches. */
  turn<T>(work: () => Promise<T>): Promise<T>
  /** Lays rows of a table together, in their order. */
  join(table: string, parts: readonly SpecPart[]): Promise<Uint8Array>
}

/** Runs a batch whose specs are tasks of their own, lays together what they bring, and writes the batch's receipt. */
export async function runSpecBatch(
  { host, folder, partsFolder, receipts, turn, join }: SpecBatches,
  { start, end }: Range,
  run: (position: number) => Promise<SpecParts>,
): Promise<Receipt> {
  const attempt = newAttempt({ start, end })
  type Kept = Readonly<Record<string, SpecPart | Part>>

  async function put(name: string, { bytes, rows }: SpecPart): Promise<Part> {
    const key = `${partsFolder}/${attempt}/${name}.pq`
    await folder.put(key, bytes)
    return { key, rows, bytes: bytes.length }
  }

  async function keep(position: number, parts: SpecParts): Promise<Kept> {
    const kept: Record<string, Kept[string]> = Object.create(null)
    for (const [table, part] of Object.entries(parts)) {
      kept[table] = part.bytes.length < LARGE ? part : await put(`${table}-spec-${position}`, part)
    }
    return kept
  }

  /** Lays neighbours that are not stored yet together as one part. */
  async function joinKept(table: string, items: readonly Kept[string][]): Promise<Part[]> {
    const parts: Part[] = []
    let open: SpecPart[] = []
    const flush = async () => {
      if (open.length === 0) return
      const rows = open.reduce((sum, part) => sum + part.rows, 0)
      parts.push(await put(`${table}-${parts.length}`, { bytes: await join(table, open), rows }))
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

  const positions = Array.from({ length: end - start }, (_, i) => start + i)
  const outcomes = await mapConcurrently(positions, host.window, (position) =>
    turn(async () => keep(position, await run(position))),
  )
  const tables: Record<string, Part[]> = Object.create(null)
  for (const table of new Set(outcomes.flatMap((kept) => Object.keys(kept)))) {
    tables[table] = await joinKept(
      table,
      outcomes.flatMap((kept) => kept[table] ?? []),
    )
  }
  const errors = outcomes.filter((kept) => 'errors' in kept).length
  const results = end - start - errors
  return writeReceipt(receipts, {
    format: 1,
    start,
    end,
    attempt,
    worker: host.worker,
    results,
    errors,
    seconds: 0,
    tables,
  })
}
