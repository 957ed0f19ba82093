import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fetch } from 'undici'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createFetchAgent } from '../../src/execute/fetch/agent.js'
import type { FetchGuard } from '../../src/execute/fetch/guard.js'

/** What a name leads to, one answer for each time that it is looked up: no name server here changes its mind by itself. */
const answers = vi.hoisted(() => [] as string[])
vi.mock('node:dns', async (original) => ({
  ...(await original<typeof import('node:dns')>()),
  lookup: (_host: string, _options: object, callback: (error: null, found: object[]) => void) =>
    callback(null, [{ address: answers.shift(), family: 4 }]),
}))

/** Answers every request with a redirection to itself, on a new connection. */
async function startRedirecting(): Promise<number> {
  const server = createServer((_, response) => {
    response.writeHead(302, { location: '/again', connection: 'close' }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('a host name that resolves to another address later is judged by that address', async () => {
  const port = await startRedirecting()
  answers.push('127.0.0.1', '127.0.0.1', '169.254.169.254')
  const judged: string[] = []
  const guard = {
    refusal(address: string) {
      judged.push(address)
      return address === '127.0.0.1' ? undefined : `${address} is refused`
    },
  } as FetchGuard
  const dispatcher = createFetchAgent(guard)
  onTestFinished(() => dispatcher.close())
  const fetched = fetch(`http://rebinding.test:${port}/`, { dispatcher })
  await expect(fetched).rejects.toMatchObject({ cause: { message: expect.stringContaining('169.254.169.254') } })
  // Each connection looked the name up once: what was judged is what was connected to.
  expect(judged).toEqual(['127.0.0.1', '127.0.0.1', '169.254.169.254'])
  expect(answers).toEqual([])
})
