import { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { SettingsInvalidError } from '../../../settings/environment.js'
import type { Connection } from '../../connection.js'
import { EngineUnavailableError } from '../../errors.js'

const SILENT = { debug() {}, info() {}, green() {}, warn() {}, error() {} }

/** A client of the engine. Nothing is asked of the engine yet. Throws `SettingsInvalidError` without a token. */
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
      // What matters is said by the worker itself. Whoever asks for the SDK's own lines gets them.
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

/** REST's errors hold their request, and with it the token, which a program that prints an error with its causes would print. */
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
