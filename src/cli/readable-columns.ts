import type { Run } from '../run/run.js'
import { ALLOCATION_KEY, readAllocation } from '../scatter/allocation.js'
import { findObject } from '../scatter/find-object.js'
import { openObjectTable } from '../scatter/run-folder.js'
import { own } from '../settings/own.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import type { Column, TableSchema } from '../table/schema.js'

/** Columns that carry no information for people. */
export const IDS = ['experiment_id', 'workflow_run_id', 'root_workflow_run_id']

/**
 * Resolves with a table's columns in the order in which people read them: which spec, its input,
 * its output, and last the columns that are equal in all rows.
 */
export async function readableColumns(store: Store, run: Run, table: string): Promise<Column[]> {
  const { columns, index } = await schemaOf(scopedStore(store, run.id), table)
  const levels = index.flatMap((level) => columns.find(({ name }) => name === level) ?? [])
  const all = [...levels, ...columns.filter(({ name }) => !index.includes(name))]
  return [...all.filter(({ name }) => !IDS.includes(name)), ...all.filter(({ name }) => IDS.includes(name))]
}

/**
 * Returns the columns as allocated, so that a run without errors has those of errors. If Python
 * Scythe wrote the run, returns the columns of the table.
 */
async function schemaOf(folder: Store, table: string): Promise<TableSchema> {
  const none = { columns: [], index: [] }
  if (await findObject(folder, ALLOCATION_KEY)) return own((await readAllocation(folder)).tables, table) ?? none
  const key = `final/${table}.pq`
  return (await folder.head(key)) ? (await openObjectTable(folder, key))[1].schema : none
}
