import { readAllocation } from '../scatter/allocation.js'
import { readRunReceipt } from '../scatter/finish.js'
import type { Store } from '../store/store.js'
import { createReceiptCount } from './count-receipts.js'

/** Every spec of a run is in one of three: `specs = results + errors + open`. */
export interface RunStatus {
  readonly specs: number
  readonly results: number
  readonly errors: number
  readonly open: number
  /** `done` when the final tables and the run's receipt are there. */
  readonly state: 'done' | 'open'
}

export async function readStatus(folder: Store): Promise<RunStatus> {
  const done = await readRunReceipt(folder)
  if (done) {
    const { specs, results, errors } = done
    return { specs, results, errors, open: 0, state: 'done' }
  }
  const { specs } = await readAllocation(folder)
  const { results, errors } = await createReceiptCount(folder, specs)()
  return { specs, results, errors, open: specs - results - errors, state: 'open' }
}
