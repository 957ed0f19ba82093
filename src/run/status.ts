import { ALLOCATION_KEY, readAllocation } from '../scatter/allocation.js'
import { findObject } from '../scatter/find-object.js'
import { readRunReceipt } from '../scatter/finish.js'
import type { Store } from '../store/store.js'
import { createReceiptCount } from './count-receipts.js'
import { findMissingTables } from './final-tables.js'
import { readPythonStatus } from './python-status.js'

/** Every spec of a run is in one of three: `specs = results + errors + open`. */
export interface RunStatus {
  readonly specs: number
  readonly results: number
  readonly errors: number
  readonly open: number
  /**
   * `done` when the final tables and the run's receipt are there, and as large as they were; where Python Scythe wrote them, when no row is missing. `workflow`: a
   * run of a workflow, whose spec counts as open for ever, since what becomes of it only the engine knows.
   */
  readonly state: 'done' | 'open' | 'workflow'
  /** The first 1,000 `sort_index` of specs that have no row in final tables that Python Scythe wrote, where any are missing. */
  readonly missing?: readonly number[]
  /** What is wrong with the final tables of a run that was done. Resuming it makes them again. */
  readonly damaged?: readonly string[]
  /** Hashes of the code that made the rows, and how many specs each ran, if they come from several versions of it. */
  readonly codes?: readonly { readonly code: string; readonly specs: number }[]
  /** Which Scythe wrote the run. One of Python's has no errors, since it drops them, and cannot be resumed. */
  readonly writtenBy: 'python' | 'typescript'
}

export async function readStatus(folder: Store): Promise<RunStatus> {
  const done = await readRunReceipt(folder)
  if (done) {
    const { specs, results, errors } = done
    const counts = { specs, results, errors, open: 0, ...several(done.codes), writtenBy: 'typescript' } as const
    const damaged = (await findMissingTables(folder, done)).map(({ uri, problem }) => `${uri} is damaged: ${problem}.`)
    return damaged.length === 0 ? { ...counts, state: 'done' } : { ...counts, state: 'open', damaged }
  }
  if (!(await findObject(folder, ALLOCATION_KEY))) return readPythonStatus(folder)
  const { specs } = await readAllocation(folder)
  const { results, errors } = await createReceiptCount(folder, specs)()
  return { specs, results, errors, open: specs - results - errors, state: 'open', writtenBy: 'typescript' }
}

function several(codes: RunStatus['codes']): Pick<RunStatus, 'codes'> {
  return codes && codes.length > 1 ? { codes } : {}
}
