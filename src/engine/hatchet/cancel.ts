import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { V1TaskStatus } from '@hatchet-dev/typescript-sdk/clients/rest/generated/data-contracts.js'

/** The engine stops at most so many tasks at a time. */
const AT_A_TIME = 20_000

/** Stops every task that carries a run's id, whoever sent it. The engine does not stop children with their parent. */
export async function cancelRun(client: HatchetClient, run: string): Promise<void> {
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
