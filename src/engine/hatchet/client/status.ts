import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { FoundRoot } from '../../engine.js'
import { failureOf } from '../wire.js'

/**
 * Resolves with the run's state according to the engine, or with `undefined` if the engine does not
 * know the run.
 */
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

/** Returns whether a run with this status has not ended. */
export function isOpen(status: string | undefined): boolean {
  return status === 'QUEUED' || status === 'RUNNING'
}

/**
 * Resolves with the run's status from gRPC, which is ahead of REST. Resolves with `QUEUED` if the
 * status is unavailable.
 */
export async function statusOf(client: HatchetClient, id: string): Promise<string> {
  try {
    return String((await client.runs.getDetails(id)).status)
  } catch {
    return 'QUEUED'
  }
}
