import type { Engine } from '../engine/engine.js'
import { defaultEngine, localEngine } from '../run/default-engine.js'
import { UsageError } from './errors.js'

export interface EngineOptions {
  /** Number of processes at a time. Default: the setting. */
  readonly slots: number | undefined
  /** Whether the command ends without waiting for the run. */
  readonly detach: boolean
}

/**
 * Opens the engine that runs go to. Rejects with `UsageError` if the engine cannot do what the
 * options require.
 */
export async function openEngine({ slots, detach }: EngineOptions): Promise<Engine> {
  const engine = await defaultEngine()
  if (!engine.abilities.outlivesProcess) {
    if (detach) {
      throw new UsageError(
        '--detach needs an engine that goes on without this process: start a worker here (scythe worker), or set HATCHET_CLIENT_TOKEN.',
      )
    }
    if (slots === undefined) return engine
    await engine.close()
    return localEngine({ slots })
  }
  if (slots === undefined) return engine
  throw new UsageError(
    `This would run ${engine.location}, whose workers have their own slots (SCYTHE_WORKER_SLOTS). Leave --slots out, or set SCYTHE_ENGINE=local.`,
  )
}
