import { type Environment, readSettings } from './environment.js'
import { oneOf } from './types.js'

/**
 * The place where tasks run: in this process (`local`), on a Hatchet engine that is started beside
 * it (`embedded`), or on the engine that `HATCHET_CLIENT_TOKEN` names (`hatchet`).
 */
export type EngineKind = 'local' | 'embedded' | 'hatchet'

export const ENGINE_SETTINGS = {
  engine: oneOf(
    'local',
    'embedded',
    'hatchet',
  )({
    variable: 'SCYTHE_ENGINE',
    otherwise: '`hatchet` with a token, else `local`; for workers `embedded`',
    doc: 'where tasks run: `local`, `embedded` or `hatchet` ([which is which](getting-an-engine.md))',
  }),
}

/**
 * Returns the engine that `SCYTHE_ENGINE` names. Default: `hatchet` if there is a token, else
 * `withoutToken`.
 */
export function engineKind(env: Environment = process.env, withoutToken: EngineKind = 'local'): EngineKind {
  const { engine } = readSettings(ENGINE_SETTINGS, env)
  return engine ?? (env.HATCHET_CLIENT_TOKEN ? 'hatchet' : withoutToken)
}
