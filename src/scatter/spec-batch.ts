import { mapConcurrently } from '../async/concurrency.js'
import type { Store } from '../store/store.js'
import { beginAttempt } from './attempt.js'
import type { Range } from './plan.js'
import type { Part, Receipt } from './receipt.js'
import type { TaskHost } from './task.js'

/** Rows of one table, encoded and not yet stored. */
export interface SpecPart {
  readonly bytes: Uint8Array
  readonly rows: number
}

/** The rows of one spec, by table. */
export type SpecParts = Readonly<Record<string, SpecPart>>

/**
 * Size from which the rows of a spec are stored at once, in bytes. Smaller ones stay in memory
 * until their batch is done.
 */
const LARGE = 256 * 1024

export interface SpecBatches {
  readonly host: Pick<TaskHost, 'worker' | 'window'>
  /** The store of the parts; `partsFolder` is the folder of their keys in it. */
  readonly folder: Store
  readonly partsFolder: string
  /** The store of the receipts. */
  readonly receipts: Store
  /** Runs `work` when its turn comes among the specs of other batches. */
  turn<T>(work: () => Promise<T>): Promise<T>
  /** Joins rows of a table, in their order. */
  join(table: string, parts: readonly SpecPart[]): Promise<Uint8Array>
}

/**
 * Runs a batch whose specs are tasks of their own, joins their rows, and writes the batch's
 * receipt.
 */
export async function runSpecBatch(
  { host, folder, partsFolder, receipts, turn, join }: SpecBatches,
  { start, end }: Range,
  run: (position: number) => Promise<SpecParts>,
): Promise<Receipt> {
  const attempt = beginAttempt({ folder, partsFolder, receipts, worker: host.worker }, { start, end })
  type Kept = Readonly<Record<string, SpecPart | Part>>

  async function keep(position: number, parts: SpecParts): Promise<Kept> {
    const kept: Record<string, Kept[string]> = Object.create(null)
    for (const [table, part] of Object.entries(parts)) {
      kept[table] =
        part.bytes.length < LARGE ? part : await attempt.put(`${table}-spec-${position}`, part.bytes, part.rows)
    }
    return kept
  }

  /** Joins neighbours that are not stored yet into one part. */
  async function joinKept(table: string, items: readonly Kept[string][]): Promise<Part[]> {
    const parts: Part[] = []
    let open: SpecPart[] = []
    const flush = async () => {
      if (open.length === 0) return
      const rows = open.reduce((sum, part) => sum + part.rows, 0)
      parts.push(await attempt.put(`${table}-${parts.length}`, await join(table, open), rows))
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
  return attempt.commit({ results: end - start - errors, errors, seconds: 0 }, tables)
}
