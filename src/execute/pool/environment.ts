/** What the AWS SDK finds credentials by, and what opens the engine's doors. Regions and addresses are not secrets. */
const SECRETS = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'HATCHET_CLIENT_TLS_KEY',
  'HATCHET_CLIENT_TLS_KEY_FILE',
])
const TOKEN = 'HATCHET_CLIENT_TOKEN'

/** Returns the environment for processes that run specs: without the worker's secrets, but for those in `passed`. */
export function environmentOfSpecs(env: NodeJS.ProcessEnv, passed: readonly string[]): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => passed.includes(name) || (!SECRETS.has(name) && name !== TOKEN))
  const token = env[TOKEN]
  if (token !== undefined && !passed.includes(TOKEN)) kept.push([TOKEN, unsigned(token)])
  return Object.fromEntries(kept)
}

/**
 * A token with its claims, which say where the engine is, and no signature, so that the engine refuses it. A module may make a client where
 * it defines a workflow, and the SDK reads the claims of its token there.
 */
function unsigned(token: string): string {
  const [header, claims] = token.split('.')
  return claims === undefined ? 'withheld' : `${header}.${claims}.withheld`
}
