import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { batchName } from '../../../experiment/names.js'
import type { Progress, SingleTask, Task, TaskHandle, TaskHost } from '../../../scatter/task.js'
import { createHandle, specValue } from '../client/handle.js'
import type { Results } from '../client/results.js'
import { childTrigger, createTriggers, type Parent } from '../client/triggers.js'
import { FAN } from '../wire.js'
import { untilTaken } from './refused.js'
import type { Running } from './task-lifecycle.js'

/**
 * Maximum number of a fan's children in the engine's queues: enough for a fleet, few enough for
 * memory and queues.
 */
const WINDOW = 1000

export interface HostOptions {
  readonly client: HatchetClient
  readonly results: Results
  readonly running: Running
  readonly parent: Parent
  readonly worker: string
  readonly run: string
  /** The experiment whose task delivered the work. */
  readonly experiment?: string | undefined
  onProgress(progress: Progress): void
}

/** A task's host that can also stop the children that have not ended. */
export interface HatchetHost extends TaskHost {
  stopChildren(): Promise<void>
}

export function createHost({
  client,
  results,
  running,
  parent,
  worker,
  run,
  experiment,
  onProgress,
}: HostOptions): HatchetHost {
  /** Ids of the children that have not ended. */
  const children = new Set<Promise<string>>()
  let stopping = false
  const send = createTriggers(client, running.signal)
  let index = 0

  function spawnOnce(task: Task | SingleTask, key: string): TaskHandle {
    // Asynchronous work of a failed fan may still be running.
    if (stopping) throw new Error('The fan has ended.')
    const id = send(childTrigger(nameOf(task), task, parent, key, index++))
    const child = createHandle(client, results, id, run, task.kind === 'single' ? specValue : undefined)
    children.add(id)
    const done = child.done.then(async (end) => {
      // If the whole run was cancelled, the child must not be spawned again.
      if (end.status === 'cancelled') await running.checkCancelled()
      children.delete(id)
      return end
    })
    return { ...child, done }
  }

  return {
    ...(experiment !== undefined && { experiment }),
    id: parent.runId,
    rootId: parent.rootId,
    worker,
    signal: running.signal,
    window: WINDOW,
    report: onProgress,
    spawn: (task, key) =>
      untilTaken((refused) => spawnOnce(task, refused === 0 ? key : `${key}!${refused}`), running.signal),
    async stopChildren() {
      stopping = true
      const sent = await Promise.allSettled(children)
      const ids = sent.flatMap((id) => (id.status === 'fulfilled' ? [id.value] : []))
      // All children are cancelled in one request: the slot of one that ends must not go to another
      // one that will be cancelled, too.
      if (ids.length > 0) await client.runs.cancel({ ids }).catch(() => {})
    },
  }
}

function nameOf({ kind, experiment }: Pick<Task | SingleTask, 'kind' | 'experiment'>): string {
  if (kind === 'single') return experiment
  return kind === 'leaf' ? batchName(experiment) : FAN
}
