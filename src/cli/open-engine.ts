import type { Engine } from '../engine/engine.js'
import { defaultEngine, localEngine } from '../run/default-engine.js'
import { UsageError } from './errors.js'

export interface EngineOptions {
  /** Processes at a time. Default: what the settings say. */
  readonly slots: number | undefined
  /** Runs are not waited for. */
  readonly detach: boolean
}

/** The engine that runs go to. Throws `UsageError` where it cannot do what is asked. */
export async function openEngine({ slots, detach }: EngineOptions): Promise<Engine> {
  const engine = await defaultEngine()
  if (engine.name === 'local') {
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
    `This would run ${formatEngine(engine.name)}, whose workers have their own slots (SCYTHE_WORKER_SLOTS). Leave --slots out, or set SCYTHE_ENGINE=local.`,
  )
}

/** Where an engine is, in words. */
export function formatEngine(name: Engine['name']): string {
  if (name === 'local') return 'in this process'
  if (name === 'embedded') return 'on the engine of the worker in this folder'
  const { HATCHET_CLIENT_HOST_PORT: address } = process.env
  return `on the Hatchet engine ${address ? `at ${address}` : 'that HATCHET_CLIENT_TOKEN names'}`
}
