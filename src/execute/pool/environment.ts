import { BACKENDS } from '../../store/backends.js'

/** Variables that let a process connect to the engine, besides its token. */
const ENGINE_SECRETS = ['HATCHET_CLIENT_TLS_KEY', 'HATCHET_CLIENT_TLS_KEY_FILE']
const TOKEN = 'HATCHET_CLIENT_TOKEN'

/**
 * Returns the environment for processes that run specs: without the worker's secrets, except those
 * in `passed`.
 */
export function environmentOfSpecs(env: NodeJS.ProcessEnv, passed: readonly string[]): NodeJS.ProcessEnv {
  const secrets = new Set([TOKEN, ...ENGINE_SECRETS, ...BACKENDS.flatMap((backend) => backend.secrets)])
  const kept = Object.entries(env).filter(([name]) => passed.includes(name) || !secrets.has(name))
  const token = env[TOKEN]
  if (token !== undefined && !passed.includes(TOKEN)) kept.push([TOKEN, unsigned(token)])
  return Object.fromEntries(kept)
}

/**
 * Returns a token with its claims, which say where the engine is, and without its signature, so
 * that the engine refuses it. A module that defines a workflow may make a client, and the SDK reads
 * the claims then.
 */
function unsigned(token: string): string {
  const [header, claims] = token.split('.')
  return claims === undefined ? 'withheld' : `${header}.${claims}.withheld`
}
