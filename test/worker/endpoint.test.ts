import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import type { TaskHost } from '../../src/scatter/task.js'
import { openEndpoint } from '../../src/worker/endpoint.js'
import { createTaskCounters } from '../../src/worker/task-counters.js'
import { inputTasks, runInput } from '../support/tasks.js'

const FACTS = {
  name: 'w1',
  labels: { has_gpu: 'yes' },
  roles: ['fan', 'leaf'],
  slots: { leaf: 4, fan: 1000 },
  experiments: ['scythe_experiment_grow'],
  engine: 'local',
}
const host = { signal: new AbortController().signal, report: () => {} } as unknown as TaskHost

async function open() {
  const tally = createTaskCounters()
  const endpoint = await openEndpoint({ host: '127.0.0.1', port: 0 }, FACTS, tally)
  onTestFinished(() => endpoint.close())
  const get = (path: string) => fetch(`http://127.0.0.1:${endpoint.port}${path}`)
  return { tally, endpoint, get }
}

test('/health describes the worker, its tasks in flight, and whether it can accept work', async () => {
  const { tally, endpoint, get } = await open()
  const starting = await get('/health')
  expect(starting.status).toBe(503)
  expect(await starting.json()).toMatchObject({ status: 'failing', reasons: ['starting'] })

  const problems: string[] = []
  const checked = new Promise<void>((resolve) => {
    endpoint.serving([{ name: 'all', problems: async () => problems }])
    setImmediate(resolve)
  })
  await checked
  const forever = () => new Promise<never>(() => {})
  const tasks = tally.count(inputTasks(forever))
  for (const name of ['fan', 'leaf', 'single']) void runInput(tasks, name, {}, host)
  const ok = await get('/health?verbose')
  expect(ok.status).toBe(200)
  expect(ok.headers.get('content-type')).toBe('application/json')
  expect(await ok.json()).toEqual({
    ...FACTS,
    status: 'ok',
    warnings: [],
    reasons: [],
    slots: { leaf: { inUse: 2, limit: 4 }, fan: { inUse: 1, limit: 1000 } },
    uptime: expect.any(Number),
    versions: { scythe: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node },
  })

  endpoint.stopping()
  const stopping = await get('/health')
  expect(stopping.status).toBe(503)
  expect(await stopping.json()).toMatchObject({ reasons: ['stopping'] })
})

test('/metrics returns Prometheus counters, separate for each worker', async () => {
  const { tally, get } = await open()
  await open()
  const tasks = tally.count(
    inputTasks(async (_, host) => {
      host.report({ start: 0, end: 5, done: 5, errors: 2 })
      throw new Error('no wind')
    }),
  )
  await runInput(tasks, 'leaf', {}, host).catch(() => {})
  await get('/metrics')
  const response = await get('/metrics')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
  const lines = (await response.text()).split('\n')
  for (const line of [
    'scythe_worker_slots{kind="leaf"} 4',
    'scythe_worker_slots{kind="fan"} 1000',
    'scythe_worker_tasks_in_hand{kind="leaf"} 0',
    'scythe_worker_tasks_total{kind="leaf",outcome="failed"} 1',
    'scythe_worker_tasks_total{kind="leaf",outcome="done"} 0',
    'scythe_worker_specs_total{outcome="result"} 3',
    'scythe_worker_specs_total{outcome="error"} 2',
    'scythe_worker_healthy 0',
    expect.stringMatching(/^scythe_worker_info{name="w1",version="\d\S+",node="\d\S+"} 1$/),
  ]) {
    expect(lines).toContainEqual(line)
  }
  expect(lines.some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true)
})

test('the health server answers other paths with 404', async () => {
  const { get } = await open()
  expect((await get('/')).status).toBe(404)
  expect((await get('/healthy')).status).toBe(404)
})

test('the health server rejects a port in use, and names the setting to change', async () => {
  const { endpoint } = await open()
  await expect(openEndpoint({ host: '127.0.0.1', port: endpoint.port }, FACTS, createTaskCounters())).rejects.toThrow(
    expect.objectContaining({
      code: 'SETTINGS_INVALID',
      message: expect.stringContaining(
        `SCYTHE_WORKER_HEALTH_PORT: expected a port that nobody listens on, got "${endpoint.port}"`,
      ),
    }),
  )
})

test('the health server answers GET and HEAD only', async () => {
  const { endpoint, get } = await open()
  const url = `http://127.0.0.1:${endpoint.port}/health`
  const head = await fetch(url, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([(await get('/health')).status, ''])
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const answer = await fetch(url, { method, ...(method === 'POST' && { body: 'x'.repeat(100_000) }) })
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD'])
  }
})

test('the health server cannot be reached from other machines, unless a host is set', async () => {
  const own = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.flatMap(({ address, family, internal }) => (internal || family !== 'IPv4' ? [] : [address])),
  )
  const { endpoint } = await open()
  for (const address of own) await expect(fetch(`http://${address}:${endpoint.port}/health`)).rejects.toThrow()
  const all = await openEndpoint({ host: '0.0.0.0', port: 0 }, FACTS, createTaskCounters())
  onTestFinished(() => all.close())
  for (const address of [...own, '127.0.0.1']) expect((await fetch(`http://${address}:${all.port}/`)).status).toBe(404)
  await expect(openEndpoint({ host: '203.0.113.1', port: 0 }, FACTS, createTaskCounters())).rejects.toThrow(
    'SCYTHE_WORKER_HEALTH_HOST: expected an address of this machine (EADDRNOTAVAIL), got "203.0.113.1"',
  )
})

test('the health server drops slow clients, and meanwhile answers others', { timeout: 20_000 }, async () => {
  const { endpoint, get } = await open()
  const slow = {
    'says nothing': () => {},
    'sends its question byte by byte': drip('GET /health HTTP/1.1\r\nX-Long: '),
    'sends its body byte by byte': drip('POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n'),
  }
  const begun = performance.now()
  const closed = Object.values(slow).map(async (act) => {
    const socket = connect(endpoint.port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    act(socket)
    socket.resume()
    await once(socket, 'close')
    return performance.now() - begun
  })
  expect((await get('/health')).status).toBe(503)
  for (const time of await Promise.all(closed)) expect(time).toBeLessThan(15_000)
})

function drip(start: string) {
  return (socket: Socket) => {
    socket.write(start)
    const timer = setInterval(() => socket.write('x'), 200)
    socket.once('close', () => clearInterval(timer))
  }
}
