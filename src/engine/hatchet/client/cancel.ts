import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { V1TaskStatus } from '../internals.js'
import { isOpen, statusOf } from './status.js'

/** The engine stops at most so many tasks at a time. */
const AT_A_TIME = 20_000

/** Between two times that a root is told to stop, in ms, and how often. */
const AGAIN_MS = 200
const TIMES = 50

/**
 * Stops every task that carries a run's id, whoever sent it. The engine does not stop children with their parent. It passes over what was
 * sent in the last second, in silence: so the root is told by its id until it has ended, and stops its children itself.
 */
export async function cancelRun(client: HatchetClient, run: string, root: string | undefined): Promise<void> {
  const stopRoot = async () => root !== undefined && client.runs.cancel({ ids: [root] })
  await stopRoot()
  await cancelTasks(client, run)
  for (let time = 0; root !== undefined && time < TIMES && isOpen(await statusOf(client, root)); time++) {
    await sleep(AGAIN_MS)
    await stopRoot()
  }
}

async function cancelTasks(client: HatchetClient, run: string): Promise<void> {
  let stopped = AT_A_TIME
  while (stopped >= AT_A_TIME) {
    const { data } = await client.runs.cancel({
      filters: {
        since: new Date(0),
        statuses: [V1TaskStatus.QUEUED, V1TaskStatus.RUNNING],
        additionalMetadata: { experiment_id: run },
      },
    })
    stopped = data.ids?.length ?? 0
  }
}
