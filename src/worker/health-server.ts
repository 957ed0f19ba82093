import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SettingsInvalidError } from '../settings/environment.js'
import type { Metrics } from './metrics.js'

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/** The response body of `/health`. */
export interface HealthReport {
  readonly status: 'ok' | 'failing'
  /** The reasons why this worker cannot accept work. Empty if it can. */
  readonly reasons: readonly string[]
  readonly [detail: string]: unknown
}

/** The address of the endpoint. */
export interface HealthAddress {
  readonly host: string
  readonly port: number
}

/**
 * Time in ms after which a client that has not sent its request, or not received its response, is
 * disconnected.
 */
const SLOW_MS = 5_000
/** Maximum number of concurrent connections. Monitoring needs only a few. */
const CONNECTIONS = 100

/**
 * Serves `GET /health` and `GET /metrics` to everyone who can reach the address. Rejects with
 * `SettingsInvalidError` if the address is not available.
 */
export async function serveHealth(
  address: HealthAddress,
  report: () => HealthReport,
  metrics: Metrics,
): Promise<HealthServer> {
  const limits = { headersTimeout: SLOW_MS, requestTimeout: SLOW_MS, keepAliveTimeout: SLOW_MS }
  const server = createServer({ ...limits, connectionsCheckingInterval: 1_000 }, async ({ url, method }, response) => {
    const path = url?.split('?', 1)[0]
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD').setHeader('connection', 'close')
      answer(response, 405, 'text/plain', 'There are GET and HEAD.\n')
    } else if (path === '/health') {
      const health = report()
      answer(response, health.status === 'ok' ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`)
    } else if (path === '/metrics') {
      answer(response, 200, metrics.contentType, await metrics.text())
    } else {
      answer(response, 404, 'text/plain', 'There are /health and /metrics.\n')
    }
  })
  server.maxConnections = CONNECTIONS
  // Node's other limits apply to requests. This one applies to clients that do not read the
  // response.
  server.timeout = SLOW_MS
  await listen(server, address)
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

async function listen(server: Server, { host, port }: HealthAddress): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
  try {
    await listening
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      const expected = `an address of this machine (${code})`
      throw new SettingsInvalidError([{ variable: 'SCYTHE_WORKER_HEALTH_HOST', value: host, expected }])
    }
    const expected = code === 'EADDRINUSE' ? 'a port that nobody listens on' : `a port to listen on (${code})`
    throw new SettingsInvalidError([{ variable: 'SCYTHE_WORKER_HEALTH_PORT', value: String(port), expected }])
  }
}
