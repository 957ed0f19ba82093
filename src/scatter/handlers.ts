import type { Pool } from '../execute/pool.js'
import { schemaHashes } from '../experiment/io-spec.js'
import { ExperimentRegistry } from '../experiment/registry.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { SchemasDifferError } from './errors.js'
import { runFan, runRoot } from './fan.js'
import { runLeaf } from './leaf.js'
import { runPythonFan } from './python/fan.js'
import { openRunFolder, type RunFolder } from './run-folder.js'
import { runSingle } from './single.js'
import type { Handlers, Task } from './task.js'

/** Runs whose folder a worker keeps open, with the footer of their specs. */
const OPEN_RUNS = 16

/** What a worker does with its tasks. */
export function createHandlers(pool: Pool): Handlers {
  const stores = new Map<string, Store>()
  const runs = new Map<string, Promise<RunFolder>>()

  function storeAt(address: string): Store {
    const store = stores.get(address) ?? openStore(address)
    stores.set(address, store)
    return store
  }

  async function open(task: Task): Promise<RunFolder> {
    const run = await openRunFolder(storeAt(task.store), task.run)
    checkSchemas(run)
    return run
  }

  function runOf(task: Task): Promise<RunFolder> {
    const address = `${task.store}\n${task.run}`
    let run = runs.get(address)
    if (!run) {
      run = open(task)
      runs.set(address, run)
      run.catch(() => runs.delete(address))
      if (runs.size > OPEN_RUNS) runs.delete(runs.keys().next().value!)
    }
    return run
  }

  return {
    async fan(task, host) {
      const run = await runOf(task)
      return task.depth === 0 ? runRoot(run, task, host) : runFan(run, task, host)
    },
    async leaf(task, host) {
      const run = await runOf(task)
      return runLeaf(run, task, host, pool, storeAt)
    },
    pythonFan: (input, host) => runPythonFan(input, host, storeAt),
    single: (experiment, input, host) => runSingle(experiment, input, host, pool, storeAt),
  }
}

/**
 * A worker that has the experiment must have it with the run's schemas. A fan needs none of the user's code, and what others serve is
 * theirs to check.
 */
function checkSchemas({ allocation }: RunFolder) {
  if (allocation.remote) return
  const experiment = ExperimentRegistry.list().find(({ name }) => name === allocation.experiment_name)
  if (!experiment) return
  const hashes = schemaHashes(experiment)
  const differing = (['input', 'output', 'tables'] as const).filter((part) => hashes[part] !== allocation.hashes[part])
  if (differing.length > 0) throw new SchemasDifferError(allocation.experiment_id, experiment.name, differing)
}
