import type { HatchetClient } from '@hatchet-dev/typescript-sdk'

/** Stops every task that carries a run's id, whoever sent it. The engine does not stop children with their parent. */
export async function cancelRun(client: HatchetClient, run: string): Promise<void> {
  await client.runs.cancel({
    filters: {
      since: new Date(0),
      statuses: ['QUEUED', 'RUNNING'] as never[],
      additionalMetadata: { experiment_id: run },
    },
  })
}
