import type { Run } from '../run/run.js'
import type { RunResult } from '../run/run-ref.js'
import type { ResultTable } from '../scatter/run-reader.js'
import type { Store } from '../store/store.js'
import { errorLines, groupErrors } from './error-groups.js'
import { formatAddress, formatCount, formatPlural, formatRate, formatSeconds } from './format.js'
import { IDS, readableColumns } from './readable-columns.js'
import { runCommand } from './run-commands.js'
import { printLine } from './stdout.js'
import { dataColumns, textTable } from './text-table.js'

const SHOWN_ROWS = 5
const SHOWN_ERRORS = 5
const NARROWEST = 60
const WIDTH_OF_FILES = 120

export interface Finished {
  readonly store: Store
  /** The store as it was named on the command line. */
  readonly storeAddress: string | undefined
  readonly run: Run
  readonly result: RunResult
  /** Number of specs that ran now: fewer than all if the run was resumed. */
  readonly ran: number
  readonly seconds: number
}

/**
 * Prints the summary of a run: counts and time, a few rows, the errors by message, and where the
 * tables are stored.
 */
export async function printSummary({ store, storeAddress, run, result, ran, seconds }: Finished): Promise<void> {
  const { specs, results, errors, tables } = result
  const rate = ran > 0 ? ` (${formatRate(ran / seconds)} a second)` : ''
  await printLine(run.id)
  await printLine(
    `${formatPlural(results, 'result')} and ${formatPlural(errors, 'error')} of ${formatPlural(specs, 'spec')} in ${formatSeconds(seconds)}${rate}`,
  )
  if (results > 0) await printRows(store, run, results)
  if (errors > 0) await printErrors(run, storeAddress)
  await printLine(`\n${tableList(tables)}`)
}

async function printRows(store: Store, run: Run, count: number): Promise<void> {
  const rows: Record<string, unknown>[] = []
  for await (const row of run.rows('scalars')) if (rows.push(row) === SHOWN_ROWS) break
  const columns = await readableColumns(store, run, 'scalars')
  const names = columns.map(({ name }) => name).filter((name) => !IDS.includes(name))
  const width = Math.max(NARROWEST, process.stdout.columns || WIDTH_OF_FILES)
  await printLine()
  await printLine(textTable(dataColumns(names, rows), width))
  if (count > rows.length) await printLine(`… and ${formatPlural(count - rows.length, 'more row')}`)
}

async function printErrors(run: Run, storeAddress: string | undefined): Promise<void> {
  const { groups, others } = await groupErrors(run.errors())
  await printLine()
  await printLine('Errors')
  for (const group of groups.slice(0, SHOWN_ERRORS)) await printLine(errorLines(group))
  const rest = groups.slice(SHOWN_ERRORS).reduce((sum, { count }) => sum + count, others)
  if (rest > 0) {
    await printLine(`  … and ${formatPlural(rest, 'other')}: ${runCommand('errors', run.id, storeAddress)}`)
  }
}

const SHOWN_UNDECLARED = 10

/** Formats the names of fields that were returned and have no column. */
export function formatUndeclared(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_UNDECLARED).join(', ')
  const more = names.length > SHOWN_UNDECLARED ? ', …' : ''
  return `fields were returned that the output does not name, and are not in the tables: ${shown}${more}. Add them to its schema, or return them no more (undeclaredFields: 'refuse' makes them errors).`
}

const SHOWN_MISSING = 10

/** Formats the specs of a run by Python Scythe that have no result, as far as they are known. */
export function formatMissing(missing: readonly number[]): string {
  const shown = missing.slice(0, SHOWN_MISSING).join(', ')
  return `No error says why these specs have no result: ${shown}${missing.length > SHOWN_MISSING ? ', …' : ''}`
}

/** Formats a run's tables: the number of rows, and the address of each. */
export function tableList(tables: Readonly<Record<string, ResultTable>>): string {
  const all = Object.entries(tables)
  const columns = [
    { name: 'Tables', cells: all.map(([table]) => `  ${table}`) },
    { name: 'rows', cells: all.map(([, { rows }]) => formatCount(rows)), toRight: true },
    { name: 'where', cells: all.map(([, { uri }]) => formatAddress(uri)) },
  ]
  return textTable(columns)
}
