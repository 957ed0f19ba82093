import type { Run } from '../run/run.js'
import { readAllocation } from '../scatter/allocation.js'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'
import type { TableSchema } from '../table/schema.js'

/** Columns that say nothing of a row that people want to know. */
export const IDS = ['experiment_id', 'workflow_run_id', 'root_workflow_run_id']

/** A table's columns as people read them: which spec, what went in, what came out; what is the same on all rows last. */
export async function readableColumns(store: Store, run: Run, table: string): Promise<string[]> {
  const { tables } = await readAllocation(within(store, run.id))
  const { columns, index }: TableSchema = tables[table] ?? { columns: [], index: [] }
  const names = [...index, ...columns.map(({ name }) => name).filter((name) => !index.includes(name))]
  return [...names.filter((name) => !IDS.includes(name)), ...names.filter((name) => IDS.includes(name))]
}
