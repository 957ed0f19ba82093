import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import { formatAddress, formatPlural } from '../format.js'
import type { CommonOptions } from '../options.js'
import { printJson, printLine } from '../stdout.js'
import { tableList } from '../summary.js'

/** `scythe status <run>`: how far a run is. */
export async function status(name: string, { json, store: address }: CommonOptions): Promise<number> {
  const run = await findRun(storeAt(address), name)
  const { specs, results, errors, open, state } = await run.status()
  const tables = state === 'done' ? await run.results : {}
  if (json) {
    await printJson({ run: run.id, specs, results, errors, open, tables })
    return ExitCode.OK
  }
  await printLine(run.id)
  await printLine(
    `${formatPlural(results, 'result')}, ${formatPlural(errors, 'error')} and ${open} open of ${formatPlural(specs, 'spec')}`,
  )
  if (state === 'done') await printLine(`\n${tableList(tables)}`)
  else await printLine(`It lies in ${formatAddress(run.uri)}. Go on with it: scythe resume ${run.id}`)
  return ExitCode.OK
}
