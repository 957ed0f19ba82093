import { defaultEngine } from '../run/default-engine.js'
import { askLacking } from '../run/lacking.js'
import type { Run } from '../run/run.js'
import { readAllocation } from '../scatter/allocation.js'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'

/** What an open run waits for. Empty where nothing is lacking; `undefined` where the engine is this process or out of reach. */
export async function waitingFor(store: Store, run: Run): Promise<string[] | undefined> {
  const allocation = await readAllocation(within(store, run.id))
  try {
    const engine = await defaultEngine()
    try {
      if (engine.name === 'local') return undefined
      return await askLacking(engine, allocation.experiment_name, allocation.desired_worker_labels)
    } finally {
      await engine.close()
    }
  } catch (error) {
    process.stderr.write(`scythe: whether a worker can run it is not known: ${(error as Error).message}\n`)
    return undefined
  }
}
