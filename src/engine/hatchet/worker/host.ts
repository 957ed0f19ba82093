import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { batchName } from '../../../experiment/names.js'
import type { Progress, SingleTask, Task, TaskHandle, TaskHost } from '../../../scatter/task.js'
import { createHandle, specOutcomeOf } from '../client/handle.js'
import type { Results } from '../client/results.js'
import { childTrigger, createTriggers, type Parent } from '../client/triggers.js'
import { FAN } from '../wire.js'
import { untilTaken } from './refused.js'
import type { Running } from './task-lifecycle.js'

/** Children of one fan in the engine's queues at once: enough for a fleet, few enough for a fan's memory and for the queues. */
const WINDOW = 1000

export interface HostOptions {
  readonly client: HatchetClient
  readonly results: Results
  readonly running: Running
  readonly parent: Parent
  readonly worker: string
  readonly run: string
  /** Whose task it came as. */
  readonly experiment?: string | undefined
  onProgress(progress: Progress): void
}

/** What a task may do, and a way to stop the children that it still has. */
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
  /** Those that have not ended, by their ids. */
  const children = new Set<Promise<string>>()
  let stopping = false
  const send = createTriggers(client, running.signal)
  let index = 0

  function spawnOnce(task: Task | SingleTask, key: string): TaskHandle {
    // Work of a fan that has failed may be under way still.
    if (stopping) throw new Error('The fan has ended.')
    const id = send(childTrigger(nameOf(task), task, parent, key, index++))
    const child = createHandle(client, results, id, run, task.kind === 'single' ? specOutcomeOf : undefined)
    children.add(id)
    const done = child.done
      .catch(async (error) => {
        // Where the whole run was cancelled, nothing is to be spawned in the child's place.
        if (error?.code === 'CANCELLED') await running.checkCancelled()
        throw error
      })
      .finally(() => children.delete(id))
    done.catch(() => {})
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
      // All at once: the slot of one that ends is not to be taken by another that is to end, too.
      if (ids.length > 0) await client.runs.cancel({ ids }).catch(() => {})
    },
  }
}

function nameOf({ kind, experiment }: Pick<Task | SingleTask, 'kind' | 'experiment'>): string {
  if (kind === 'single') return experiment
  return kind === 'leaf' ? batchName(experiment) : FAN
}
