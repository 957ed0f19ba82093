import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { FoundRoot } from '../../engine.js'
import { failureOf } from '../wire.js'

/** How a run fares, by the engine's own word. `undefined` where it knows of none such. */
export async function stateOf(
  client: HatchetClient,
  id: string,
): Promise<Pick<FoundRoot, 'state' | 'failure'> | undefined> {
  try {
    const { status, taskRuns } = await client.runs.getDetails(id)
    if (isOpen(status)) return { state: 'running' }
    if (status === 'CANCELLED') return { state: 'cancelled' }
    if (status === 'COMPLETED') return { state: 'done' }
    const error = Object.values(taskRuns).find(({ error }) => error)?.error
    return { state: 'failed', failure: failureOf(error ?? 'The engine does not say why.') }
  } catch (error) {
    if (/NOT_FOUND/.test(String(error))) return undefined
    throw error
  }
}

/** Whether a run of this status has yet to end. */
export function isOpen(status: string | undefined): boolean {
  return status === 'QUEUED' || status === 'RUNNING'
}

/** The status of a run by the engine's own word, which is ahead of the REST interface's. `QUEUED` where it cannot be had. */
export async function statusOf(client: HatchetClient, id: string): Promise<string> {
  try {
    return String((await client.runs.getDetails(id)).status)
  } catch {
    return 'QUEUED'
  }
}
