import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { V1TaskStatus } from '@hatchet-dev/typescript-sdk/clients/rest/generated/data-contracts.js'
import { isOpen, statusOf } from './handle.js'

/** The engine stops at most so many tasks at a time. */
const AT_A_TIME = 20_000

/** How often, and how many ms apart, the engine is asked whether a root that it was told to stop has ended. */
const LOOKS = 100
const LOOK_MS = 50

/**
 * Stops every task that carries a run's id, whoever sent it. The engine does not stop children with their parent. Its lists lack what
 * was sent in the last second: so the root is stopped by its id, and stops its children itself.
 */
export async function cancelRun(client: HatchetClient, run: string, root: string | undefined): Promise<void> {
  if (root !== undefined) await client.runs.cancel({ ids: [root] })
  await cancelTasks(client, run)
  if (root === undefined) return
  for (let look = 0; look < LOOKS && isOpen(await statusOf(client, root)); look++) await sleep(LOOK_MS)
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
