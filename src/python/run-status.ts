import { SPECS_KEY } from '../scatter/allocation.js'
import type { RunStatus } from '../scatter/run-reader.js'
import { openSpecs } from '../scatter/specs-table.js'
import type { Store } from '../store/store.js'
import type { TableFile } from '../table/file.js'
import type { ByteSource } from '../table/source.js'
import { hasSortIndex, listFinalTables, openFinalTable, readSortIndexes } from './final-tables.js'

const SCALARS = 'scalars'
const ERRORS = 'errors'
const TASK_TABLES = 'results/task-dataframes/'
/** Maximum number of missing specs to list. */
const MOST_MISSING = 1000

interface Table {
  readonly key: string
  readonly opened: [ByteSource, TableFile]
}

/**
 * Counts the specs of a run without receipts against the rows of its final tables or, before those
 * exist, against the objects that its tasks wrote. A run of a workflow has neither.
 */
export async function readPythonStatus(folder: Store): Promise<RunStatus> {
  const specs: Table = { key: SPECS_KEY, opened: await openSpecs(folder) }
  const { rows, isScythe } = specs.opened[1]
  const writtenBy = isScythe ? 'typescript' : 'python'
  const { [ERRORS]: errorsKey, ...others } = await listFinalTables(folder)
  const errorTables = errorsKey === undefined ? [] : await openAll(folder, [errorsKey])
  const errors = errorTables.reduce((sum, { opened }) => sum + opened[1].rows, 0)
  const resultTables = await openCounted(folder, others)

  if (resultTables.length + errorTables.length === 0) {
    if (isScythe) return { specs: rows, results: 0, errors: 0, open: rows, state: 'workflow', writtenBy }
    const results = Math.min(rows, await countTasks(folder))
    const state = results === rows && Object.keys(others).length > 0 ? 'done' : 'open'
    return { specs: rows, results, errors: 0, open: rows - results, state, writtenBy }
  }
  const counted = (resultTables[0]?.opened[1].rows ?? 0) + errors
  if (others[SCALARS] !== undefined && counted === rows) {
    return { specs: rows, results: rows - errors, errors, open: 0, state: 'done', writtenBy }
  }
  const { open, missing } = await findMissing(folder, specs, [...resultTables, ...errorTables])
  const counts = { specs: rows, results: rows - errors - open, errors, open }
  return open === 0 ? { ...counts, state: 'done', writtenBy } : { ...counts, state: 'open', missing, writtenBy }
}

/**
 * Opens the tables that show which specs have results: `scalars`, with one row for each spec. An
 * output that consists only of files has no scalars: then, every table with a `sort_index`.
 */
async function openCounted(folder: Store, tables: Readonly<Record<string, string>>): Promise<Table[]> {
  const scalars = tables[SCALARS]
  if (scalars !== undefined) return openAll(folder, [scalars])
  return (await openAll(folder, Object.values(tables))).filter(({ opened }) => hasSortIndex(opened[1]))
}

function openAll(folder: Store, keys: readonly string[]): Promise<Table[]> {
  return Promise.all(keys.map(async (key) => ({ key, opened: await openFinalTable(folder, key) })))
}

async function findMissing(folder: Store, specs: Table, tables: readonly Table[]) {
  const read = ({ key, opened }: Table) => readSortIndexes(folder, key, opened)
  const wanted = await read(specs)
  const found: Float64Array[] = []
  for (const table of tables) found.push(await read(table))
  const at = found.map(() => 0)
  const missing: number[] = []
  let open = 0
  for (const index of wanted) {
    let known = false
    found.forEach((indexes, i) => {
      while (indexes[at[i]!]! < index) at[i]!++
      known ||= indexes[at[i]!] === index
    })
    if (known) continue
    open++
    if (missing.length < MOST_MISSING) missing.push(index)
  }
  return { open, missing }
}

/** Counts the tasks that wrote a table. Each task writes one object for every table. */
async function countTasks(folder: Store): Promise<number> {
  const tables = await folder.listFolders(TASK_TABLES)
  const table = tables.includes(SCALARS) ? SCALARS : tables[0]
  let tasks = 0
  if (table !== undefined) for await (const _ of folder.list(`${TASK_TABLES}${table}/`)) tasks++
  return tasks
}
