import { type Environment, oneOf, readEnvironment } from './environment.js'

/** Where tasks run: in this process, on a Hatchet engine that is started beside it, or on the one that `HATCHET_CLIENT_TOKEN` names. */
export type EngineKind = 'local' | 'embedded' | 'hatchet'

export const ENGINE_VARIABLES = {
  SCYTHE_ENGINE: oneOf('local', 'embedded', 'hatchet')({ default: undefined }),
}

/** `SCYTHE_ENGINE`, else `hatchet` where there is a token, else `withoutToken`. */
export function engineKind(env: Environment = process.env, withoutToken: EngineKind = 'local'): EngineKind {
  const { SCYTHE_ENGINE: engine } = readEnvironment(ENGINE_VARIABLES, env)
  return engine ?? (env.HATCHET_CLIENT_TOKEN ? 'hatchet' : withoutToken)
}
