import { defaultEngine } from '../run/default-engine.js'
import { askLacking } from '../run/lacking.js'
import type { Run } from '../run/run.js'
import { ALLOCATION_KEY, readAllocation } from '../scatter/allocation.js'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'

/** What an open run waits for. Empty where nothing is lacking; `undefined` where the engine is this process or out of reach. */
export async function waitingFor(store: Store, run: Run): Promise<string[] | undefined> {
  const folder = within(store, run.id)
  // One of Python Scythe's, or of a workflow: what it needs is not known.
  if (!(await folder.head(ALLOCATION_KEY))) return undefined
  const allocation = await readAllocation(folder)
  try {
    const engine = await defaultEngine()
    try {
      if (engine.name === 'local') return undefined
      const { experiment_name: experiment, desired_worker_labels: labels, remote } = allocation
      return await askLacking(engine, { experiment, labels, remote: remote !== undefined })
    } finally {
      await engine.close()
    }
  } catch (error) {
    process.stderr.write(`scythe: whether a worker can run it is not known: ${(error as Error).message}\n`)
    return undefined
  }
}
