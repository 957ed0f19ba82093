import { decodeSlice, type TableSlice } from '../table/slice.js'
import type { Allocation } from './allocation.js'
import type { Node, Range } from './plan.js'
import { createLimiter, mapConcurrently } from './promises.js'
import { newAttempt, type Part, type Receipt, writeReceipt } from './receipt.js'
import { joinTables, type SpecTables } from './remote-rows.js'
import { createRemoteSpecs } from './remote-spec.js'
import type { RunFolder } from './run-folder.js'
import type { Task, TaskHost } from './task.js'

/** Batches of specs that are tasks of their own: the fan runs them itself, and writes their receipts. */
export interface RemoteBatches {
  run(batch: Node): Promise<Receipt>
  /** Spawns no more. */
  close(): void
}

type Row = Readonly<Record<string, unknown>>

/** What a spec brings for a table is kept until its batch is done, unless it is this large, in bytes. */
const LARGE = 256 * 1024

export function createRemoteBatches(
  run: RunFolder,
  remote: NonNullable<Allocation['remote']>,
  fan: Task,
  host: TaskHost,
): RemoteBatches {
  const { folder, allocation } = run
  const specs = createRemoteSpecs(run, remote, fan, host)
  const readRows = rowReader(run)
  const specTurn = createLimiter(host.window)
  // One more than fill the window, so that the last specs of a batch keep no others waiting.
  const batchTurn = createLimiter(1 + Math.ceil(host.window / Math.max(1, allocation.batch ?? 1)))

  async function runBatch(node: Node): Promise<Receipt> {
    const { start, end } = node
    const attempt = newAttempt(node)
    const rows = await readRows(node)
    const outcomes = await mapConcurrently(rows, host.window, (row) =>
      specTurn(async () => store(await specs.run(row, node.depth), attempt, Number(row.sort_index))),
    )
    const tables: Record<string, Part[]> = {}
    for (const table of Object.keys(allocation.tables)) {
      const parts = await joinStored(
        table,
        attempt,
        outcomes.flatMap((tables) => tables[table] ?? []),
      )
      if (parts.length > 0) tables[table] = parts
    }
    const errors = outcomes.filter((tables) => 'errors' in tables).length
    return writeReceipt(folder, {
      format: 1,
      start,
      end,
      attempt,
      worker: host.worker,
      results: end - start - errors,
      errors,
      // Only those who serve them know how long they took.
      seconds: 0,
      tables,
    })
  }

  type Stored = Readonly<Record<string, Part | { readonly bytes: Uint8Array; readonly rows: number }>>

  async function store(tables: SpecTables, attempt: string, row: number): Promise<Stored> {
    const stored: Record<string, Stored[string]> = {}
    for (const [table, { bytes, rows }] of Object.entries(tables)) {
      stored[table] = bytes.length < LARGE ? { bytes, rows } : await put(`${attempt}/${table}-spec-${row}`, bytes, rows)
    }
    return stored
  }

  /** Lays neighbours that are not stored yet together as one part. */
  async function joinStored(table: string, attempt: string, items: readonly Stored[string][]): Promise<Part[]> {
    const parts: Part[] = []
    let open: { bytes: Uint8Array; rows: number }[] = []
    const flush = async () => {
      if (open.length === 0) return
      const bytes = await joinTables(
        allocation.tables[table]!,
        open.map((item) => item.bytes),
      )
      const rows = open.reduce((sum, item) => sum + item.rows, 0)
      open = []
      parts.push(await put(`${attempt}/${table}-${parts.length}`, bytes, rows))
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

  async function put(name: string, bytes: Uint8Array, rows: number): Promise<Part> {
    const key = `parts/${name}.pq`
    await folder.put(key, bytes)
    return { key, rows, bytes: bytes.length }
  }

  return {
    run: (batch) => batchTurn(() => runBatch(batch)),
    close: specs.close,
  }
}

/** Reads rows of `specs.pq` as objects. Batches of one row group follow each other, so that it is decoded once. */
function rowReader({ readSpecs }: RunFolder): (range: Range) => Promise<Row[]> {
  const decoded = new WeakMap<TableSlice, Promise<[string, unknown[]][]>>()
  return async ({ start, end }) => {
    const rows: Row[] = []
    while (start + rows.length < end) {
      const slice = await readSpecs(start + rows.length)
      const columns = decoded.get(slice) ?? decodeSlice(slice).then(Object.entries<unknown[]>)
      decoded.set(slice, columns)
      const known = await columns
      const first = start + rows.length - slice.firstRow
      const last = Math.min(end - slice.firstRow, slice.rows)
      for (let i = first; i < last; i++) rows.push(Object.fromEntries(known.map(([name, values]) => [name, values[i]])))
    }
    return rows
  }
}
