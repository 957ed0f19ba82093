import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { ScytheError } from '../../errors.js'
import { EngineUnavailableError } from '../errors.js'

/** Says which engine it was where something asked of it fails. */
export async function reach<T>(client: HatchetClient, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof ScytheError) throw cause
    throw new EngineUnavailableError('hatchet', `${client.config.host_port}: ${(cause as Error).message}`, { cause })
  }
}
