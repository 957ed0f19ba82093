import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { V1TaskStatus } from '../internals.js'
import { isOpen, statusOf } from './status.js'

/** Maximum number of tasks that the engine cancels in one request. */
const AT_A_TIME = 20_000

/**
 * Interval in ms between two requests to cancel a root task, and the maximum number of requests.
 */
const AGAIN_MS = 200
const TIMES = 50

/**
 * Cancels every task with a run's id, regardless of its submitter. The engine does not cancel
 * children with their parent. It silently skips tasks that were submitted in the last second: so
 * the root is cancelled by its id until it has ended, and cancels its children itself.
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
