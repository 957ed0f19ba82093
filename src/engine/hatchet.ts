import { nodeDefinition, type Progress, type TaskDefinition } from '../scatter/task.js'
import type { Connection } from './connection.js'
import type { Engine, RootHandle, SubmitOptions, WorkerHandle, WorkerOptions } from './engine.js'
import { cancelRun } from './hatchet/client/cancel.js'
import { connect } from './hatchet/client/connect.js'
import { createHandle } from './hatchet/client/handle.js'
import { checkReachable, createEngineCall } from './hatchet/client/requests.js'
import { createResults } from './hatchet/client/results.js'
import { stateOf } from './hatchet/client/status.js'
import { rootTrigger, trigger } from './hatchet/client/triggers.js'
import { unmetRequirementsOn } from './hatchet/client/workers.js'
import { runWorkflow } from './hatchet/client/workflow.js'
import { createOffers } from './hatchet/offers.js'
import { createRegistrar } from './hatchet/tasks.js'
import { FAN } from './hatchet/wire.js'
import { combineWorkers } from './hatchet/worker/combine-workers.js'
import { workflowsOf } from './hatchet/worker/task-handlers.js'
import type { Running } from './hatchet/worker/task-lifecycle.js'
import { DURABLE_SLOTS, startHatchetWorker } from './hatchet/worker/worker.js'

export interface HatchetOptions {
  /**
   * The connection to the engine. Default: the connection that the `HATCHET_CLIENT_…` variables
   * describe.
   */
  readonly connection?: Connection
  /** The engine's name: `embedded` if a worker of this folder started it. Default: `hatchet`. */
  readonly name?: 'hatchet' | 'embedded'
}

/** Creates the adapter of a Hatchet engine. Throws `SettingsInvalidError` if there is no token. */
export function createHatchetEngine({ connection, name = 'hatchet' }: HatchetOptions = {}): Engine {
  const client = connect(name, connection)
  const call = createEngineCall(client, name)
  const results = createResults(client)
  const register = createRegistrar(client)
  const workers = new Set<WorkerHandle>()
  /**
   * Progress listeners of this process, by the ids of the root tasks: batches of those runs may run
   * here, too.
   */
  const listeners = new Map<string, (progress: Progress) => void>()

  function follow(id: string, run: string, { onProgress }: SubmitOptions = {}): RootHandle {
    const handle = createHandle(client, results, Promise.resolve(id), run)
    if (onProgress) {
      listeners.set(id, onProgress)
      void handle.done.then(() => listeners.delete(id))
    }
    return { ...handle, id, cancel: () => call(() => cancelRun(client, run, id)) }
  }

  function start(tasks: readonly TaskDefinition[], worker: WorkerOptions): Promise<WorkerHandle> {
    // Each worker has a client of its own, because an SDK worker stops resources that it shares
    // with other workers of its client.
    const own = connect(name, connection)
    const inFlight = new Set<Running>()
    const offers = createOffers(own, worker, nodeDefinition(tasks, 'leaf')?.experiments)
    const onProgress = (rootId: string, progress: Progress) => listeners.get(rootId)?.(progress)
    const workflows = workflowsOf({ client: own, results, worker, offers, inFlight, onProgress }, tasks)
    return startHatchetWorker(
      own,
      { ...worker, labels: { ...worker.labels, ...offers.labels } },
      // An embedded engine ends with the worker that started it.
      { workflows, inFlight, call, comesBack: name !== 'embedded' },
    )
  }

  return {
    name,
    location:
      name === 'embedded' ? 'on the engine of the worker in this folder' : `on the Hatchet engine ${addressText()}`,
    abilities: {
      outlivesProcess: true,
      joins: true,
      specTasks: true,
      workflows: true,
      expires: true,
      requeues: true,
    },
    checkReachable: () => checkReachable(client, name),
    lacking: (needs) => call(() => unmetRequirementsOn(client, needs)),
    prepare() {},
    async submit(task, options) {
      const id = await call(async () => {
        await register(task)
        return trigger(client, rootTrigger(FAN, task))
      })
      return follow(id, task.run, options)
    },
    async find(id, run) {
      const found = await call(() => stateOf(client, id))
      return found && { ...found, join: (options) => follow(id, run, options) }
    },
    runWorkflow: (workflow, input, metadata) => call(() => runWorkflow(client, results, workflow, input, metadata)),
    cancel: (run, root) => call(() => cancelRun(client, run, root)),
    async serve(tasks, worker) {
      const beside = tasks.filter(isPlainFan)
      const rest = tasks.filter((task) => !isPlainFan(task))
      const handle = await combineWorkers([
        start(rest, worker),
        ...(beside.length > 0 ? [start(beside, besideLeaves(worker))] : []),
      ])
      workers.add(handle)
      return handle
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.close({ drain: 0 })))
      await results.close()
    },
  }
}

function addressText(): string {
  const { HATCHET_CLIENT_HOST_PORT: address } = process.env
  return address ? `at ${address}` : 'that HATCHET_CLIENT_TOKEN names'
}

/**
 * Returns whether a definition is a fan that anyone may submit. It is a plain task and not a
 * durable one.
 */
function isPlainFan(task: TaskDefinition): boolean {
  return task.takes === 'input' && task.kind === 'fan'
}

/**
 * Returns the options of the worker that serves plain fans. They use the same kind of slot as leaf
 * tasks, and an engine does not free such a slot before the task ends: v0.91.3 keeps a released
 * slot and loses its owner. So plain fans have slots of their own.
 */
function besideLeaves({ workflows: _, ...worker }: WorkerOptions): WorkerOptions {
  return { ...worker, name: `${worker.name}-python-fan`, slots: worker.durableSlots ?? DURABLE_SLOTS, durableSlots: 0 }
}
