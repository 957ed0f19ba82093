import { codeOf } from '../../error-codes.js'
import type { RunEntry } from '../../run/list-runs.js'
import { openRun } from '../../run/run.js'
import type { RunStatus } from '../../scatter/run-reader.js'
import type { Store } from '../../store/store.js'
import { ExitCode } from '../failure.js'
import { allRuns, storeAt } from '../find-run.js'
import { formatAddress, formatCount } from '../format.js'
import type { CommonOptions } from '../options.js'
import { printJson, printLine } from '../stdout.js'
import { textTable } from '../text-table.js'

/** A run in the output of `scythe list`. A count is null if the run does not have it. */
interface ListedRun {
  readonly run: string
  readonly specs: number | null
  readonly results: number | null
  readonly errors: number | null
  readonly open: number | null
  /**
   * The state of the run. `incomplete`: its allocation did not end. `unreadable`: its objects are
   * not valid, or are another program's.
   */
  readonly state: RunStatus['state'] | 'incomplete' | 'unreadable'
  readonly writtenBy: 'python' | 'typescript' | null
  readonly missing?: readonly number[]
  /** The reason why the run is unreadable. Absent if it is readable. */
  readonly problem?: string
}

/** Runs `scythe list`: prints the runs of the store. */
export async function list({ json, store: address }: CommonOptions): Promise<number> {
  const store = storeAt(address)
  const runs: ListedRun[] = []
  for (const entry of await allRuns(store)) runs.push(await describeRun(store, entry))
  if (json) await printJson({ runs })
  else if (runs.length === 0) await printLine(`There are no runs in ${formatAddress(store.uri)}.`)
  else {
    await printLine(tableOf(runs))
    for (const { problem } of runs) if (problem !== undefined) await printLine(problem)
  }
  return ExitCode.OK
}

async function describeRun(store: Store, { id, complete }: RunEntry): Promise<ListedRun> {
  const unknown = { run: id, specs: null, results: null, errors: null, open: null, writtenBy: null }
  if (!complete) return { ...unknown, state: 'incomplete' }
  try {
    const status = await (await openRun(store, id)).status()
    // Only the engine knows the state of a workflow: `scythe status` asks it.
    if (status.state === 'workflow')
      return { ...unknown, specs: status.specs, state: 'workflow', writtenBy: status.writtenBy }
    return { run: id, ...status }
  } catch (error) {
    // An unreadable run does not hide the others.
    if (codeOf(error) === 'RUN_OBJECT_INVALID')
      return { ...unknown, state: 'unreadable', problem: (error as Error).message }
    throw error
  }
}

function tableOf(runs: readonly ListedRun[]): string {
  const counts = (['specs', 'results', 'errors', 'open'] as const).map((name) => ({
    name,
    cells: runs.map((run) => (run[name] === null ? '–' : formatCount(run[name]))),
    toRight: true,
  }))
  const isPython = runs.map(({ writtenBy }) => writtenBy === 'python')
  return textTable([
    { name: 'run', cells: runs.map(({ run }) => run) },
    ...counts,
    { name: 'state', cells: runs.map(({ state }) => state) },
    ...(isPython.includes(true) ? [{ name: 'by', cells: isPython.map((python) => (python ? 'python' : '')) }] : []),
  ])
}
