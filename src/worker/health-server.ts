import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SettingsInvalidError } from '../settings/environment.js'
import type { Metrics } from './metrics.js'

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/** What `/health` answers. */
export interface HealthReport {
  readonly status: 'ok' | 'failing'
  /** Why this worker can take no work. */
  readonly reasons: readonly string[]
  readonly [detail: string]: unknown
}

/** Serves `GET /health` and `GET /metrics` to all who can reach this machine. Throws `SettingsInvalidError` where the port is taken. */
export async function serveHealth(port: number, report: () => HealthReport, metrics: Metrics): Promise<HealthServer> {
  const server = createServer(async ({ url }, response) => {
    const path = url?.split('?', 1)[0]
    if (path === '/health') {
      const health = report()
      answer(response, health.status === 'ok' ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`)
    } else if (path === '/metrics') {
      answer(response, 200, metrics.contentType, await metrics.text())
    } else {
      answer(response, 404, 'text/plain', 'There are /health and /metrics.\n')
    }
  })
  await listen(server, port)
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

async function listen(server: Server, port: number): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  try {
    await listening
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const expected = code === 'EADDRINUSE' ? 'a port that nobody listens on' : `a port to listen on (${code})`
    throw new SettingsInvalidError([{ variable: 'SCYTHE_WORKER_HEALTH_PORT', value: String(port), expected }])
  }
}
