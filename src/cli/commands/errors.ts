import type { Run } from '../../run/run.js'
import { errorLines, groupErrors } from '../error-groups.js'
import { type ExportOptions, exportFormat } from '../export-format.js'
import { exportTable } from '../export-table.js'
import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import { formatPlural, toJson } from '../format.js'
import type { CommonOptions } from '../options.js'
import { print, printData, printLine } from '../stdout.js'
import { formatMissing } from '../summary.js'

export interface ErrorsOptions extends CommonOptions, ExportOptions {}

/**
 * Runs `scythe errors <run>`: prints the distinct errors of a run, how often each occurred, and of
 * which specs. With `--format`, prints every error.
 */
export async function errors(name: string, options: ErrorsOptions): Promise<number> {
  exportFormat(options)
  const store = storeAt(options.store)
  const run = await findRun(store, name)
  const { json, output } = options
  const exports = output !== undefined || (options.format !== undefined && !json)
  if (exports) {
    await exportTable(store, run, 'errors', options)
    if (!json) return ExitCode.OK
  }
  const { groups, others } = await groupErrors(run.errors())
  const count = groups.reduce((sum, group) => sum + group.count, others)
  const { missing } = await run.status()
  if (json) {
    await printAll(run, { run: run.id, errors: count, ...(missing ? { missing } : {}), groups })
    return ExitCode.OK
  }
  await printLine(`${formatPlural(count, 'error')} in ${run.id}`)
  for (const group of groups) await printLine(errorLines(group))
  if (others > 0) await printLine(`  … and ${formatPlural(others, 'other')}`)
  if (missing) await printLine(formatMissing(missing))
  return ExitCode.OK
}

/** Prints one object that contains every row, in bounded memory. */
async function printAll(run: Run, head: object): Promise<void> {
  await print(`${toJson(head).slice(0, -1)},"rows":[`)
  let separator = '\n'
  for await (const row of run.errors()) {
    await printData(separator + toJson(row))
    separator = ',\n'
  }
  await printLine(']}')
}
