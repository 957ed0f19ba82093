import { TableNotFoundError } from '../../run/errors.js'
import { type ExportOptions, exportFormat } from '../export-format.js'
import { exportTable } from '../export-table.js'
import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import type { CommonOptions } from '../options.js'
import { printJson } from '../stdout.js'

export interface ResultsOptions extends CommonOptions, ExportOptions {
  readonly table?: string
}

/**
 * Runs `scythe results <run>`: prints a table of a run as text. With `--json`, prints where its
 * tables are stored.
 */
export async function results(name: string, options: ResultsOptions): Promise<number> {
  exportFormat(options)
  const { table = 'scalars', output } = options
  const store = storeAt(options.store)
  const run = await findRun(store, name)
  const tables = await run.results()
  // A run without errors has no table of errors: its export has no rows.
  if (!Object.hasOwn(tables, table) && table !== 'errors')
    throw new TableNotFoundError(run.id, table, Object.keys(tables))
  if (!options.json || output !== undefined) {
    await exportTable(store, run, table, options)
  }
  if (options.json) {
    const { specs, results, errors, missing } = await run.status()
    await printJson({ run: run.id, specs, results, errors, ...(missing ? { missing } : {}), tables })
  }
  return ExitCode.OK
}
