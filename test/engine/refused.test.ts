import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import type { Handlers } from '../../src/scatter/task.js'

/** An engine whose REST answers as it is told, and that has no gRPC. */
async function engineThat(answers: RequestListener) {
  const server = createServer(answers).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const claims = { sub: 'tenant', server_url: apiUrl, grpc_broadcast_address: '127.0.0.1:9' }
  const token = ['{}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const engine = createHatchetEngine({ connection: { token, grpcAddress: '127.0.0.1:9', apiUrl } })
  return { apiUrl, serve: () => engine.serve({} as Handlers, { name: 'w1', slots: 1, labels: {} }) }
}

test('a worker whose token is refused says so at once', async () => {
  const { apiUrl, serve } = await engineThat((_, response) => response.writeHead(403).end())
  await expect(serve()).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringMatching(new RegExp(`: ${apiUrl} refuses the token .* Set HATCHET_CLIENT_TOKEN`)),
  })
})

test('a worker whose engine has no REST where it is looked for names the address', async () => {
  const { apiUrl, serve } = await engineThat((_, response) => response.destroy())
  await expect(serve()).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining(
      `${apiUrl} does not answer (socket hang up). See that it runs there, or set HATCHET_CLIENT_API_URL`,
    ),
  })
})
