import { createSemaphore } from '../../async/concurrency.js'
import { ABSENT_FIELDS } from '../../experiment/absent.js'
import { decodeSlice, type TableSlice } from '../../table/slice.js'
import type { Allocation } from '../allocation.js'
import type { Node, Range } from '../plan.js'
import type { Receipt } from '../receipt.js'
import type { RunFolder } from '../run-folder.js'
import { runSpecBatch, type SpecBatches } from '../spec-batch.js'
import type { Task, TaskHost } from '../task.js'
import { joinTables } from './rows.js'
import { createRemoteSpecs } from './spec.js'

/**
 * Batches whose specs are tasks of their own. The fan runs the batches itself, and writes their
 * receipts.
 */
export interface RemoteBatches {
  run(batch: Node): Promise<Receipt>
  /** Prevents further spawns. */
  close(): void
}

type Row = Readonly<Record<string, unknown>>

export function createRemoteBatches(
  run: RunFolder,
  remote: NonNullable<Allocation['remote']>,
  fan: Task,
  host: TaskHost,
): RemoteBatches {
  const { folder, allocation } = run
  const specs = createRemoteSpecs(run, remote, fan, host)
  const readRows = rowReader(run)
  // Allows one batch more than fill the window, so that the last specs of a batch do not keep
  // others waiting.
  const places = createSemaphore(1 + Math.ceil(host.window / Math.max(1, allocation.batch ?? 1)))

  const batches: SpecBatches = {
    host,
    folder,
    partsFolder: 'parts',
    receipts: folder,
    turn: createSemaphore(host.window).run,
    join: (table, parts) =>
      joinTables(
        allocation.tables[table]!,
        parts.map(({ bytes }) => bytes),
      ),
  }

  async function runBatch(node: Node): Promise<Receipt> {
    const rows = await readRows(node)
    return runSpecBatch(batches, node, (row) => specs.run(rows[row - node.start]!, node.depth))
  }

  return {
    run: (batch) => places.run(() => runBatch(batch)),
    close: specs.close,
  }
}

/**
 * Returns a reader of rows of `specs.pq` as objects. Batches of one row group follow each other, so
 * that the group is decoded once.
 */
function rowReader({ readSpecs }: RunFolder): (range: Range) => Promise<Row[]> {
  const decoded = new WeakMap<TableSlice, Promise<[string, unknown[]][]>>()
  return async ({ start, end }) => {
    const rows: Row[] = []
    while (start + rows.length < end) {
      const slice = await readSpecs(start + rows.length)
      const columns = decoded.get(slice) ?? decodeSlice(slice).then(Object.entries<unknown[]>)
      decoded.set(slice, columns)
      columns.catch(() => decoded.delete(slice))
      const known = (await columns).filter(([name]) => name !== ABSENT_FIELDS.name)
      const first = start + rows.length - slice.firstRow
      const last = Math.min(end - slice.firstRow, slice.rows)
      for (let i = first; i < last; i++) rows.push(Object.fromEntries(known.map(([name, values]) => [name, values[i]])))
    }
    return rows
  }
}
