import type { Progress } from '../scatter/task.js'
import type { Connection } from './connection.js'
import type { Engine, Serving } from './engine.js'
import { cancelRun } from './hatchet/cancel.js'
import { connect } from './hatchet/client.js'
import { createHandle } from './hatchet/handle.js'
import { reach } from './hatchet/reach.js'
import { createResults } from './hatchet/results.js'
import type { Running } from './hatchet/running.js'
import { startServing } from './hatchet/serving.js'
import { createKnown } from './hatchet/tasks.js'
import { rootTrigger, trigger } from './hatchet/triggers.js'
import { FAN } from './hatchet/wire.js'
import { workflowsOf } from './hatchet/work.js'
import { lackingOn } from './hatchet/workers.js'
import { runWorkflow } from './hatchet/workflow.js'

export interface HatchetOptions {
  /** Default: what `HATCHET_CLIENT_…` says. */
  readonly connection?: Connection
  /** `embedded` where the engine was started beside a process of ours. */
  readonly name?: 'hatchet' | 'embedded'
}

/** A Hatchet engine. Throws `EngineUnavailableError` without a token. */
export function createHatchetEngine({ connection, name = 'hatchet' }: HatchetOptions = {}): Engine {
  const client = connect(name, connection)
  const results = createResults(client)
  const makeKnown = createKnown(client)
  const servings = new Set<Serving>()
  /** Whoever waits in this process for a run whose batches may run here, too. */
  const listeners = new Map<string, (progress: Progress) => void>()

  return {
    name,
    lacking: (experiment, desired, remote) => reach(client, () => lackingOn(client, experiment, desired, remote)),
    prepare() {},
    async submit(task, options) {
      const id = await reach(client, async () => {
        await makeKnown(task)
        return trigger(client, rootTrigger(FAN, task))
      })
      const handle = createHandle(client, results, Promise.resolve(id), task.run)
      if (options?.onProgress) {
        listeners.set(id, options.onProgress)
        handle.done.finally(() => listeners.delete(id)).catch(() => {})
      }
      return {
        ...handle,
        id,
        cancel: () =>
          reach(client, async () => {
            await handle.cancel()
            await cancelRun(client, task.run)
          }),
      }
    },
    runWorkflow: (workflow, input, metadata) =>
      reach(client, () => runWorkflow(client, results, workflow, input, metadata)),
    cancel: (run) => reach(client, () => cancelRun(client, run)),
    async serve(handlers, worker) {
      // A client of its own: the SDK's workers stop what they share with others of their client.
      const own = connect(name, connection)
      const inHand = new Set<Running>()
      const onProgress = (rootId: string, progress: Progress) => listeners.get(rootId)?.(progress)
      const workflows = workflowsOf({ client: own, results, handlers, worker, inHand, onProgress })
      const serving = await startServing(own, worker, workflows, inHand)
      servings.add(serving)
      return serving
    },
    async close() {
      await Promise.all([...servings].map((serving) => serving.close({ drain: 0 })))
      results.close()
    },
  }
}
