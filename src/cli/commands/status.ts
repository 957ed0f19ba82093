import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import { formatAddress, formatPlural } from '../format.js'
import type { CommonOptions } from '../options.js'
import { waitingText } from '../progress-line.js'
import { runCommand } from '../run-commands.js'
import { printJson, printLine } from '../stdout.js'
import { tableList } from '../summary.js'
import { waitingFor } from '../waiting.js'

/** `scythe status <run>`: how far a run is. */
export async function status(name: string, { json, store: address }: CommonOptions): Promise<number> {
  const store = storeAt(address)
  const run = await findRun(store, name)
  const { specs, results, errors, open, state } = await run.status()
  const tables = state === 'done' ? await run.results : {}
  const waiting = state === 'open' ? await waitingFor(store, run) : undefined
  if (json) {
    const lacking = waiting === undefined ? {} : { waitingFor: waiting }
    await printJson({ run: run.id, specs, results, errors, open, tables, ...lacking })
    return ExitCode.OK
  }
  await printLine(run.id)
  await printLine(
    `${formatPlural(results, 'result')}, ${formatPlural(errors, 'error')} and ${open} open of ${formatPlural(specs, 'spec')}`,
  )
  if (waiting?.length) await printLine(waitingText(waiting))
  if (state === 'done') await printLine(`\n${tableList(tables)}`)
  else await printLine(`It lies in ${formatAddress(run.uri)}. Go on with it: ${runCommand('resume', run.id, address)}`)
  return ExitCode.OK
}
