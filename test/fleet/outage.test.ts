import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BaseExperiment } from '../../src/index.js'
import { type FaultProxy, startFaultProxy } from '../../tools/s3/fault-proxy.js'
import { SLOW_DOWN, sometimes } from '../../tools/s3/faults.js'
import { collect } from '../support/collect.js'
import { hasEngine } from '../support/engine.js'
import { anywhere } from './fixtures/experiments.js'
import { type Fleet, startFleet, until } from './fleet.js'

/** Minutes of outages: a proof that is asked for, by `SCYTHE_TEST_OUTAGES=1 scripts/run test test/fleet/outage`. */
const isAskedFor = process.env.SCYTHE_TEST_OUTAGES === '1'
/** An outage is longer than anything takes that is only slow. */
const [SPECS, OUTAGE_MS] = isAskedFor ? [2_000, 60_000] : [400, 10_000]

describe.skipIf(!(await hasEngine('runs on an engine whose bucket is away')))('a run on the engine', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet()
  })
  afterAll(() => fleet.stop())

  async function startRun() {
    const proxy: FaultProxy = await startFaultProxy(process.env.AWS_ENDPOINT_URL_S3!)
    onTestFinished(() => proxy.close())
    const worker = await fleet.worker('behind', { AWS_ENDPOINT_URL_S3: proxy.endpoint })
    const specs = Array.from({ length: SPECS }, (_, n) => ({ n, ms: 50, calls: '' }))
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const { run, ref } = await experiment.allocate(specs, { engine: fleet.engine(), batch: 10 })
    const result = ref.result()
    result.catch(() => {})
    await until(async () => (await run.status()).results > SPECS / 10)
    return { proxy, worker, run, result, twice: specs.map(({ n }) => [n, n * 2]) }
  }

  async function rowsOf(run: Awaited<ReturnType<typeof startRun>>['run']) {
    const rows = await collect(run.rows('scalars'))
    return rows.map(({ sort_index, twice }) => [Number(sort_index), Number(twice)])
  }

  it('has every row although its bucket answers 503 for a while, and its worker logs what it waits for and stays', async () => {
    const { proxy, worker, run, result, twice } = await startRun()
    proxy.fail(() => SLOW_DOWN)
    const since = Date.now()
    await until(async () => /is away \(503 /.test(worker.said()))
    expect(await worker.health()).toMatchObject({ status: 200, reasons: [] })
    await until(async () => Date.now() - since > OUTAGE_MS)
    proxy.mend()
    expect(await result).toMatchObject({ specs: SPECS, results: SPECS, errors: 0 })
    expect(await rowsOf(run)).toEqual(twice)
    await until(async () => /s3:\S+ is back after \d+ s/.test(worker.said()))
    expect(await worker.end('SIGTERM')).toBe(0)
  }, 480_000)

  it.skipIf(!isAskedFor)(
    'has every row although its bucket refuses a third of all requests',
    async () => {
      const { proxy, worker, run, result, twice } = await startRun()
      proxy.fail(sometimes(1 / 3, [SLOW_DOWN]))
      expect(await result).toMatchObject({ specs: SPECS, results: SPECS, errors: 0 })
      expect(proxy.struck.status).toBeGreaterThan(20)
      expect(await rowsOf(run)).toEqual(twice)
      proxy.mend()
      expect(await worker.end('SIGTERM')).toBe(0)
    },
    480_000,
  )

  it.skipIf(!isAskedFor)(
    'continues on the next worker if its worker is asked to stop while it waits for the bucket',
    async () => {
      const { proxy, worker, run, result, twice } = await startRun()
      proxy.fail(() => SLOW_DOWN)
      await until(async () => /is away/.test(worker.said()))
      const next = await fleet.worker('past')
      const since = Date.now()
      expect(await worker.end('SIGTERM')).toBe(0)
      expect(Date.now() - since).toBeLessThan(60_000)
      expect(await result).toMatchObject({ specs: SPECS, results: SPECS, errors: 0 })
      expect(await rowsOf(run)).toEqual(twice)
      expect(await next.end('SIGTERM')).toBe(0)
    },
    480_000,
  )
})
