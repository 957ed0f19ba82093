import { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { SettingsInvalidError } from '../../../settings/environment.js'
import type { Connection } from '../../connection.js'
import { EngineUnavailableError } from '../../errors.js'

const SILENT = { debug() {}, info() {}, green() {}, warn() {}, error() {} }

/**
 * Creates a client of the engine, without contacting the engine yet. Throws `SettingsInvalidError`
 * if there is no token.
 */
export function connect(engine: 'hatchet' | 'embedded', connection: Connection | undefined): HatchetClient {
  const address = connection && {
    token: connection.token,
    host_port: connection.grpcAddress,
    api_url: connection.apiUrl,
    tls_config: { tls_strategy: 'none' as const },
  }
  try {
    const client = HatchetClient.init({
      ...address,
      // The worker itself logs the important events. A user who sets the SDK's log level gets the
      // SDK's own lines.
      ...(process.env.HATCHET_CLIENT_LOG_LEVEL ? {} : { logger: () => SILENT }),
    })
    client.api.instance.interceptors.response.use(undefined, rejectWithoutRequest)
    return client
  } catch (cause) {
    if (!connection && !process.env.HATCHET_CLIENT_TOKEN) {
      const expected = 'the token of an engine, or SCYTHE_ENGINE=local to run in this process'
      throw new SettingsInvalidError([{ variable: 'HATCHET_CLIENT_TOKEN', value: undefined, expected }])
    }
    const reason = (cause as Error).message.replace(/\s+/g, ' ')
    throw new EngineUnavailableError(engine, `the SDK refuses its settings (HATCHET_CLIENT_…): ${reason}`, { cause })
  }
}

/**
 * Removes the request from a REST error: it contains the token, which a program that prints an
 * error with its causes would print.
 */
function rejectWithoutRequest(error: {
  config?: unknown
  request?: unknown
  response?: { status: number; data: unknown }
}) {
  delete error.config
  delete error.request
  if (error.response) error.response = { status: error.response.status, data: error.response.data }
  return Promise.reject(error)
}
