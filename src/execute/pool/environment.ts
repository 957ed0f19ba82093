import { BACKENDS } from '../../store/backends.js'

/** Variables besides the token that let a process connect to the engine. */
const ENGINE_SECRETS = ['HATCHET_CLIENT_TLS_KEY', 'HATCHET_CLIENT_TLS_KEY_FILE']
const TOKEN = 'HATCHET_CLIENT_TOKEN'

/**
 * Returns the environment for processes that run specs: without the worker's secrets, except for
 * the variables in `passed`.
 */
export function environmentOfSpecs(env: NodeJS.ProcessEnv, passed: readonly string[]): NodeJS.ProcessEnv {
  const secrets = new Set([TOKEN, ...ENGINE_SECRETS, ...BACKENDS.flatMap((backend) => backend.secrets)])
  const kept = Object.entries(env).filter(([name]) => passed.includes(name) || !secrets.has(name))
  const token = env[TOKEN]
  if (token !== undefined && !passed.includes(TOKEN)) kept.push([TOKEN, unsigned(token)])
  return Object.fromEntries(kept)
}

/**
 * Returns a token with its claims, which contain the engine's address, but without its signature,
 * so that the engine rejects it. A module that defines a workflow may create a client, and the SDK
 * then reads the claims.
 */
function unsigned(token: string): string {
  const [header, claims] = token.split('.')
  return claims === undefined ? 'withheld' : `${header}.${claims}.withheld`
}
