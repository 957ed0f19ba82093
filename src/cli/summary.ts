import type { ResultTable, Run } from '../run/run.js'
import type { RunResult } from '../run/run-ref.js'
import { readAllocation } from '../scatter/allocation.js'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'
import type { TableSchema } from '../table/schema.js'
import { type ErrorGroup, groupErrors } from './error-groups.js'
import { formatAddress, formatCount, formatPlural, formatRate, formatSeconds } from './format.js'
import { printLine } from './stdout.js'
import { dataColumns, textTable } from './text-table.js'

const SHOWN_ROWS = 5
const SHOWN_ERRORS = 5
const NARROWEST = 60
const WIDTH_OF_FILES = 120

export interface Finished {
  readonly store: Store
  readonly run: Run
  readonly result: RunResult
  /** Specs that ran now: fewer than all where the run was resumed. */
  readonly ran: number
  readonly seconds: number
}

/** What a run came to, for people: counts and time, a few rows, the errors by what they say, and where the tables lie. */
export async function printSummary({ store, run, result, ran, seconds }: Finished): Promise<void> {
  const { specs, results, errors, tables } = result
  const rate = ran > 0 ? ` (${formatRate(ran / seconds)} a second)` : ''
  await printLine(run.id)
  await printLine(
    `${formatPlural(results, 'result')} and ${formatPlural(errors, 'error')} of ${formatPlural(specs, 'spec')} in ${formatSeconds(seconds)}${rate}`,
  )
  if (results > 0) await printRows(store, run, results)
  if (errors > 0) await printErrors(run)
  await printLine(`\n${tableList(tables)}`)
}

async function printRows(store: Store, run: Run, count: number): Promise<void> {
  const rows: Record<string, unknown>[] = []
  for await (const row of run.rows('scalars')) if (rows.push(row) === SHOWN_ROWS) break
  const columns = await readableColumns(store, run, 'scalars')
  const width = Math.max(NARROWEST, process.stdout.columns ?? WIDTH_OF_FILES)
  await printLine()
  await printLine(
    textTable(
      dataColumns(
        columns.filter((name) => !IDS.includes(name)),
        rows,
      ),
      width,
    ),
  )
  if (count > rows.length) await printLine(`… and ${formatPlural(count - rows.length, 'more row')}`)
}

const IDS = ['experiment_id', 'workflow_run_id', 'root_workflow_run_id']

/** A table's columns as people read them: which spec, what went in, what came out; what is the same on all rows last. */
export async function readableColumns(store: Store, run: Run, table: string): Promise<string[]> {
  const { tables } = await readAllocation(within(store, run.id))
  const { columns, index }: TableSchema = tables[table] ?? { columns: [], index: [] }
  const names = [...index, ...columns.map(({ name }) => name).filter((name) => !index.includes(name))]
  return [...names.filter((name) => !IDS.includes(name)), ...names.filter((name) => IDS.includes(name))]
}

async function printErrors(run: Run): Promise<void> {
  const { groups, others } = await groupErrors(run.errors())
  await printLine()
  await printLine('Errors')
  for (const group of groups.slice(0, SHOWN_ERRORS)) await printLine(errorLines(group))
  const rest = groups.slice(SHOWN_ERRORS).reduce((sum, { count }) => sum + count, others)
  if (rest > 0) await printLine(`  … and ${formatPlural(rest, 'other')}: scythe errors ${run.id}`)
}

/** What an error says, then how often and where. */
export function errorLines({ code, name, message, count, specs }: ErrorGroup): string {
  const [first = '', ...more] = message.split('\n')
  const said = name === code ? first : `${name}: ${first}`
  const where = `${specs.join(', ')}${count > specs.length ? ', …' : ''}`
  return `  ${formatCount(count)} × ${code}  ${said}${more.length > 0 ? ' …' : ''}\n      ${count === 1 ? 'spec' : 'specs'} ${where}`
}

/** A run's tables: how many rows, and where they lie. */
export function tableList(tables: Readonly<Record<string, ResultTable>>): string {
  const all = Object.entries(tables)
  const columns = [
    { name: 'Tables', cells: all.map(([table]) => `  ${table}`) },
    { name: 'rows', cells: all.map(([, { rows }]) => formatCount(rows)), toRight: true },
    { name: 'file', cells: all.map(([, { uri }]) => formatAddress(uri)) },
  ]
  return textTable(columns)
}
