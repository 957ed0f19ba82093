import { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { BaseExperiment } from '../../src/index.js'
import { hasEngine } from '../support/engine.js'
import { anywhere } from './fixtures/experiments.js'
import { type Fleet, startFleet, until } from './fleet.js'
import { startProxy } from './proxy.js'

const NOTICED_MS = 20_000

describe.skipIf(!(await hasEngine('workers whose connection breaks')))('a worker whose connection', () => {
  let fleet: Fleet
  // An engine whose streams were cut may have transactions that never end: the next test is to have none of them.
  beforeEach(async () => {
    fleet = await startFleet()
  })
  afterEach(() => fleet.stop())

  async function behindProxy(name: string) {
    const proxy = await startProxy(fleet.hatchet.grpcAddress)
    onTestFinished(() => proxy.close())
    const worker = await fleet.worker(name, {
      HATCHET_CLIENT_HOST_PORT: proxy.address,
      SCYTHE_WORKER_DRAIN: '3s',
      SCYTHE_WORKER_DOES_FAN: 'false',
    })
    await until(async () => (await worker.health()).status === 200)
    return { proxy, worker }
  }

  it('is half open logs it and exits with an error, and its tasks run elsewhere', async () => {
    const { proxy, worker } = await behindProxy('frozen')
    const other = await fleet.worker('other')
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const specs = Array.from({ length: 200 }, (_, n) => ({ n, ms: 200, calls: '' }))
    const { ref } = await experiment.allocate(specs, { engine: fleet.engine(), batch: 2 })
    await until(async () => (await worker.health()).slots.leaf.inUse > 0)
    proxy.freeze()
    const frozen = Date.now()
    await until(async () => (await worker.health()).status === 503)
    expect(Date.now() - frozen).toBeLessThan(NOTICED_MS)
    expect((await worker.health()).reasons.join()).toMatch(/the engine counts this worker as inactive/)
    expect(await worker.exited).toBe(1)
    expect(worker.said()).toMatch(/frozen gets no more work: .*Start it again/)
    expect(await ref.result()).toMatchObject({ specs: 200, results: 200, errors: 0 })
    expect(await other.end('SIGTERM')).toBe(0)
  }, 240_000)

  it('is cut logs it, and continues when the connection is restored', async () => {
    const fan = await fleet.worker('fan', { SCYTHE_WORKER_DOES_LEAF: 'false' })
    const { proxy, worker } = await behindProxy('cut')
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const specs = Array.from({ length: 100 }, (_, n) => ({ n, ms: 200, calls: '' }))
    const { ref } = await experiment.allocate(specs, { engine: fleet.engine(), batch: 2 })
    await until(async () => (await worker.health()).slots.leaf.inUse > 0)
    proxy.cut()
    const cut = Date.now()
    await until(async () => (await worker.health()).status === 503)
    expect(Date.now() - cut).toBeLessThan(NOTICED_MS)
    proxy.mend()
    await until(async () => (await worker.health()).status === 200)
    expect(await ref.result()).toMatchObject({ specs: 100, results: 100, errors: 0 })
    expect(await worker.end('SIGTERM')).toBe(0)
    expect(await fan.end('SIGTERM')).toBe(0)
  }, 240_000)

  it('breaks during a delivery requeues the task, and runs it', async () => {
    const fan = await fleet.worker('fan', { SCYTHE_WORKER_DOES_LEAF: 'false' })
    const { proxy, worker } = await behindProxy('lost-work')
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const specs = Array.from({ length: 4 }, (_, n) => ({ n, ms: 0, calls: '' }))
    proxy.freeze()
    const { ref } = await experiment.allocate(specs, { engine: fleet.engine(), batch: 2 })
    await until(async () => (await inHandsOf('lost-work')) === 2)
    proxy.cut()
    proxy.mend()
    expect(await ref.result()).toMatchObject({ specs: 4, results: 4, errors: 0 })
    await until(async () => (await worker.health()).status === 200)
    expect(await worker.end('SIGTERM')).toBe(0)
    expect(await fan.end('SIGTERM')).toBe(0)
  }, 240_000)

  /** Tasks that the engine counts in a worker's hands. */
  async function inHandsOf(name: string): Promise<number> {
    const { apiUrl, token, grpcAddress } = fleet.hatchet
    const tls_config = { tls_strategy: 'none' } as const
    const client = HatchetClient.init({ token, api_url: apiUrl, host_port: grpcAddress, tls_config })
    const { rows = [] } = await client.workers.list()
    const { limit = 0, available = limit } = rows.find((row) => row.name === name)?.slotConfig?.default ?? {}
    return limit - available
  }
})
