import type { RunStatus } from '../../scatter/run-reader.js'
import { type EngineStatus, engineStatusOf, formatEngineStatus } from '../engine-status.js'
import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import { formatAddress, formatPlural } from '../format.js'
import type { CommonOptions } from '../options.js'
import { runCommand } from '../run-commands.js'
import { printJson, printLine } from '../stdout.js'
import { formatMissing, tableList } from '../summary.js'

/** Runs `scythe status <run>`: prints the progress and the state of a run. */
export async function status(name: string, { json, store: address }: CommonOptions): Promise<number> {
  const store = storeAt(address)
  const run = await findRun(store, name)
  const counts = await run.status()
  const { state, writtenBy, missing, damaged = [], codes } = counts
  const tables = state === 'done' || missing ? await run.results() : {}
  const standing =
    state === 'done' || damaged.length > 0 || writtenBy === 'python' ? undefined : await engineStatusOf(store, run)
  if (json) {
    const { waitingFor, failure } = standing ?? {}
    await printJson({
      run: run.id,
      ...counts,
      state: stateOf(counts, standing),
      tables,
      ...(waitingFor ? { waitingFor } : {}),
      ...(failure ? { failure: failure.message } : {}),
    })
    return ExitCode.OK
  }
  await printLine(run.id)
  await printLine(countsText(counts))
  if (standing) await printLine(formatEngineStatus(standing))
  for (const problem of damaged) await printLine(problem)
  if (codes) await printLine(codesText(codes))
  if (writtenBy === 'python') await printLine('Python Scythe wrote it.')
  if (missing) await printLine(formatMissing(missing))
  if (Object.keys(tables).length > 0) await printLine(`\n${tableList(tables)}`)
  else if (state !== 'open' || writtenBy === 'python') await printLine(`It lies in ${formatAddress(run.uri)}.`)
  else {
    const go = standing?.state === 'running' ? 'Follow it' : 'Resume it'
    await printLine(`It lies in ${formatAddress(run.uri)}. ${go}: ${runCommand('resume', run.id, address)}`)
  }
  return ExitCode.OK
}

function countsText({ state, specs, results, errors, open }: RunStatus): string {
  if (state === 'workflow') return `${formatPlural(specs, 'spec')} of a workflow, whose result the engine alone keeps`
  return `${formatPlural(results, 'result')}, ${formatPlural(errors, 'error')} and ${open} open of ${formatPlural(specs, 'spec')}`
}

const HASH_SHOWN = 12

function codesText(codes: NonNullable<RunStatus['codes']>): string {
  const shares = codes.map(({ code, specs }) => `${formatPlural(specs, 'spec')} by ${code.slice(0, HASH_SHOWN)}`)
  return `Its code changed: ${shares.join(', ')}`
}

/**
 * Returns the engine's state if the run was cancelled or failed there, or is a workflow that is
 * done; else the store's state.
 */
function stateOf({ state }: RunStatus, standing: EngineStatus | undefined): string {
  const ended = standing?.state === 'cancelled' || standing?.state === 'failed'
  if (ended || (state === 'workflow' && standing?.state === 'done')) return standing.state
  return state
}
