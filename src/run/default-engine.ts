import { type Connection, readConnection } from '../engine/connection.js'
import type { Engine, WorkerOptions } from '../engine/engine.js'
import { EngineUnavailableError } from '../engine/errors.js'
import { createLocalEngine } from '../engine/local.js'
import { createPool } from '../execute/pool/pool.js'
import { workerLabels } from '../experiment/labels.js'
import { taskDefinitions } from '../scatter/task-definitions.js'
import { engineKind } from '../settings/engine.js'
import { ownFetchSettings } from '../settings/fetch.js'
import { workerName, workerSettings, workerSlots } from '../settings/worker.js'

let shared: Promise<Engine> | undefined

/**
 * Opens the engine that `SCYTHE_ENGINE` names. This process shares it until it is closed. Hatchet's
 * code is loaded only if it is used.
 */
export function defaultEngine(): Promise<Engine> {
  if (shared) return shared
  const opening: Promise<Engine> = openDefault().then((engine) => ({
    ...engine,
    close() {
      forget()
      return engine.close()
    },
  }))
  const forget = () => {
    if (shared === opening) shared = undefined
  }
  opening.catch(forget)
  shared = opening
  return opening
}

async function openDefault(): Promise<Engine> {
  const kind = engineKind(process.env, 'embedded')
  if (kind === 'hatchet') return hatchetEngine()
  if (kind === 'local') return localEngine()
  // A worker that was started in this folder is meant to take the runs of this folder, unless a
  // setting names another engine.
  const connection = readConnection()
  if (connection) return hatchetEngine(connection)
  if (!process.env.SCYTHE_ENGINE) return localEngine()
  throw new EngineUnavailableError('embedded', 'no worker runs in this folder that has started it: `npm start`.')
}

/** Opens the engine that a worker takes its tasks from. */
export async function workerEngine(): Promise<Engine> {
  const kind = engineKind(process.env, 'embedded')
  if (kind === 'hatchet') return hatchetEngine()
  if (kind === 'local') {
    throw new EngineUnavailableError('local', 'it runs in the process that allocates, and needs no worker.')
  }
  const connection = readConnection()
  return connection ? hatchetEngine(connection) : (await import('../engine/embedded.js')).startEmbeddedEngine()
}

async function hatchetEngine(connection?: Connection): Promise<Engine> {
  const { createHatchetEngine } = await import('../engine/hatchet.js')
  return createHatchetEngine(connection ? { connection, name: 'embedded' } : {})
}

/**
 * Starts an engine in this process, with a worker of its own. It does not keep a script from
 * ending; `close()` ends its processes earlier.
 *
 * @example
 * ```ts
 * const engine = await localEngine({ slots: 4 })
 * const { ref } = await allocate(simulateEnergy, [{ rValue: 2 }], { engine, store: './results' })
 * await ref.result()
 * await engine.close()
 * ```
 *
 * @param options `slots` is the number of processes, `labels` what the worker offers to
 * experiments. Default of each: the `SCYTHE_WORKER_…` variables.
 * @throws `SETTINGS_INVALID` if a variable has a value that it cannot have.
 */
export async function localEngine(
  options: Partial<Pick<WorkerOptions, 'name' | 'slots' | 'labels'>> = {},
): Promise<Engine> {
  const { host, ...settings } = workerSettings(process.env)
  const worker = {
    name: options.name ?? workerName(settings, host),
    slots: options.slots ?? workerSlots(settings),
    labels: options.labels ?? workerLabels(settings),
  }
  const engine = createLocalEngine()
  const pool = createPool({ slots: worker.slots, worker: worker.name })
  // The pool enforces the slots. With twice as many tasks, one batch runs while the rows of another
  // are written.
  const tasks = taskDefinitions(pool, { limits: ownFetchSettings(process.env) })
  await engine.serve(tasks, { ...worker, slots: worker.slots * 2 })
  return {
    ...engine,
    prepare: (experiment) => pool.warm(experiment),
    async close() {
      await engine.close()
      await pool.close()
    },
  }
}
