import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { WorkerOptions } from '../../src/engine/engine.js'
import { createHatchetEngine } from '../../src/engine/hatchet.js'

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
  return {
    apiUrl,
    token,
    serve: (worker: Partial<WorkerOptions> = {}) => engine.serve([], { name: 'w1', slots: 1, labels: {}, ...worker }),
  }
}

test('a worker whose token is rejected says so, and does not show the token', async () => {
  const { apiUrl, token, serve } = await engineThat((_, response) => response.writeHead(403).end())
  const error = await serve().catch((error) => error)
  expect(error).toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringMatching(new RegExp(`: ${apiUrl} refuses the token .* Set HATCHET_CLIENT_TOKEN`)),
    cause: { response: { status: 403 } },
  })
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(token)
})

test('a token that is rejected briefly, as while the database restarts, is not reported as wrong', async () => {
  let asked = 0
  const { serve } = await engineThat((_, response) => response.writeHead(asked++ < 3 ? 403 : 200).end('{}'))
  await expect(serve()).rejects.toMatchObject({ message: expect.stringContaining('127.0.0.1:9 does not answer') })
  expect(asked).toBe(4)
})

test('a worker whose engine has no REST API at the expected address names the address', async () => {
  const { apiUrl, serve } = await engineThat((_, response) => response.destroy())
  await expect(serve()).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining(
      `${apiUrl} does not answer (socket hang up). See that it runs there, or set HATCHET_CLIENT_API_URL`,
    ),
  })
})

test.each(['Scythe_Fan', 'scythe_scatter_gather', 'twice'])(
  'a workflow cannot have a reserved name: %s',
  async (name) => {
    const { serve } = await engineThat((_, response) => response.writeHead(403).end())
    const named = (name: string) => ({ name, definition: {} })
    await expect(serve({ workflows: [named('twice'), named(name)] })).rejects.toMatchObject({
      code: 'EXPERIMENT_INVALID',
      experiment: name,
    })
  },
)

test('without a token, the engine setting is reported as wrong', () => {
  vi.stubEnv('HATCHET_CLIENT_TOKEN', '')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  expect(() => createHatchetEngine()).toThrow(
    expect.objectContaining({
      code: 'SETTINGS_INVALID',
      message: expect.stringContaining('HATCHET_CLIENT_TOKEN: expected the token of an engine, or SCYTHE_ENGINE=local'),
    }),
  )
})
