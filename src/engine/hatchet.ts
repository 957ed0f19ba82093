import type { Progress } from '../scatter/task.js'
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
import type { AnyWorkflow } from './hatchet/tasks.js'
import { createRegistrar } from './hatchet/tasks.js'
import { FAN } from './hatchet/wire.js'
import { combineWorkers } from './hatchet/worker/combine-workers.js'
import { pythonFanOf, type WorkOptions, workflowsOf } from './hatchet/worker/task-handlers.js'
import type { Running } from './hatchet/worker/task-lifecycle.js'
import { DURABLE_SLOTS, startHatchetWorker } from './hatchet/worker/worker.js'

export interface HatchetOptions {
  /** Default: what `HATCHET_CLIENT_…` says. */
  readonly connection?: Connection
  /** `embedded` where the engine was started beside a process of ours. */
  readonly name?: 'hatchet' | 'embedded'
}

/** A Hatchet engine. Throws `SettingsInvalidError` without a token. */
export function createHatchetEngine({ connection, name = 'hatchet' }: HatchetOptions = {}): Engine {
  const client = connect(name, connection)
  const reach = createEngineCall(client, name)
  const results = createResults(client)
  const makeKnown = createRegistrar(client)
  const servings = new Set<WorkerHandle>()
  /** Whoever waits in this process for a run whose batches may run here, too. */
  const listeners = new Map<string, (progress: Progress) => void>()

  function follow(id: string, run: string, { onProgress }: SubmitOptions = {}): RootHandle {
    const handle = createHandle(client, results, Promise.resolve(id), run)
    if (onProgress) {
      listeners.set(id, onProgress)
      handle.done.finally(() => listeners.delete(id)).catch(() => {})
    }
    return { ...handle, id, cancel: () => reach(() => cancelRun(client, run, id)) }
  }

  return {
    name,
    checkReachable: () => checkReachable(client, name),
    lacking: (needs) => reach(() => unmetRequirementsOn(client, needs)),
    prepare() {},
    async submit(task, options) {
      const id = await reach(async () => {
        await makeKnown(task)
        return trigger(client, rootTrigger(FAN, task))
      })
      return follow(id, task.run, options)
    },
    async find(id, run) {
      const found = await reach(() => stateOf(client, id))
      return found && { ...found, join: (options) => follow(id, run, options) }
    },
    runWorkflow: (workflow, input, metadata) => reach(() => runWorkflow(client, results, workflow, input, metadata)),
    cancel: (run, root) => reach(() => cancelRun(client, run, root)),
    async serve(handlers, worker) {
      const onProgress = (rootId: string, progress: Progress) => listeners.get(rootId)?.(progress)
      const start = (worker: WorkerOptions, workflows: (options: WorkOptions) => AnyWorkflow[]) => {
        // A client of its own: the SDK's workers stop what they share with others of their client.
        const own = connect(name, connection)
        const inHand = new Set<Running>()
        const offers = createOffers(own, worker)
        const options = { client: own, results, handlers, worker, offers, inHand, onProgress }
        const labels = { ...worker.labels, ...offers.labels }
        return startHatchetWorker(
          own,
          { ...worker, labels },
          {
            workflows: workflows(options),
            inHand,
            reach,
            // One that was started beside a worker ends with it.
            comesBack: name !== 'embedded',
          },
        )
      }
      const serving = await combineWorkers([
        start(worker, workflowsOf),
        ...(worker.pythonFans ? [start(besideLeaves(worker), (options) => [pythonFanOf(options)])] : []),
      ])
      servings.add(serving)
      return serving
    },
    async close() {
      await Promise.all([...servings].map((serving) => serving.close({ drain: 0 })))
      await results.close()
    },
  }
}

/**
 * The worker that takes Python fans. They are plain tasks, which take slots of the kind that leaves take, and an engine gives none of
 * those back before a task ends (v0.91.3 keeps a released slot, and forgets whose it is): so they have slots of their own.
 */
function besideLeaves(worker: WorkerOptions): WorkerOptions {
  return { ...worker, name: `${worker.name}-python-fan`, slots: worker.durableSlots ?? DURABLE_SLOTS, durableSlots: 0 }
}
