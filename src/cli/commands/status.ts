import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import { formatAddress, formatPlural } from '../format.js'
import type { CommonOptions } from '../options.js'
import { waitingText } from '../progress-line.js'
import { runCommand } from '../run-commands.js'
import { printJson, printLine } from '../stdout.js'
import { missingText, tableList } from '../summary.js'
import { waitingFor } from '../waiting.js'

/** `scythe status <run>`: how far a run is. */
export async function status(name: string, { json, store: address }: CommonOptions): Promise<number> {
  const store = storeAt(address)
  const run = await findRun(store, name)
  const { state, ...counts } = await run.status()
  const { specs, results, errors, open, writtenBy, missing } = counts
  const tables = state === 'done' || missing ? await run.results : {}
  const waiting = state === 'open' ? await waitingFor(store, run) : undefined
  if (json) {
    const lacking = waiting === undefined ? {} : { waitingFor: waiting }
    await printJson({ run: run.id, ...counts, tables, ...lacking })
    return ExitCode.OK
  }
  await printLine(run.id)
  await printLine(
    `${formatPlural(results, 'result')}, ${formatPlural(errors, 'error')} and ${open} open of ${formatPlural(specs, 'spec')}`,
  )
  if (waiting?.length) await printLine(waitingText(waiting))
  if (writtenBy === 'python') await printLine('Python Scythe wrote it.')
  if (missing) await printLine(missingText(missing))
  if (Object.keys(tables).length > 0) await printLine(`\n${tableList(tables)}`)
  else if (writtenBy === 'python') await printLine(`It lies in ${formatAddress(run.uri)}.`)
  else await printLine(`It lies in ${formatAddress(run.uri)}. Go on with it: ${runCommand('resume', run.id, address)}`)
  return ExitCode.OK
}
