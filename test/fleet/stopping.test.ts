import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BaseExperiment, type Run } from '../../src/index.js'
import { collect } from '../support/collect.js'
import { hasEngine } from '../support/engine.js'
import { temporaryFolder } from '../support/folders.js'
import { anywhere } from './fixtures/experiments.js'
import { type Fleet, startFleet, until } from './fleet.js'

/** The engine misses a worker that is gone without a word after about half a minute. */
const MISSED_MS = 20_000

interface Call {
  readonly n: number
  readonly worker: string
}

function readCalls(file: string): Call[] {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    return lines.map((line) => {
      const [n, worker] = line.split(' ')
      return { n: Number(n), worker: worker! }
    })
  } catch {
    return []
  }
}

const indexes = async (run: Run) => (await collect(run.rows('scalars'))).map(({ sort_index }) => Number(sort_index))

describe.skipIf(!(await hasEngine('workers that stop')))('a fleet', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet()
  })
  afterAll(() => fleet.stop())

  it('runs fan and leaf, two levels of fans deep, on one worker with one slot', async () => {
    const worker = await fleet.worker('alone', { SCYTHE_WORKER_SLOTS: '1' })
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const specs = Array.from({ length: 64 }, (_, n) => ({ n, ms: 0, calls: '' }))
    const { run, ref } = await experiment.allocate(specs, {
      engine: fleet.engine(),
      batch: 2,
      recursionMap: { factor: 3, maxDepth: 2 },
    })
    expect(await ref.result()).toMatchObject({ specs: 64, results: 64, errors: 0 })
    expect(await indexes(run)).toEqual(specs.map(({ n }) => n))
    expect(await worker.end('SIGTERM')).toBe(0)
  })

  it('continues at once with tasks that a worker requeues when it is asked to stop', async () => {
    const calls = join(await temporaryFolder(), 'calls.txt')
    const first = await fleet.worker('first', { SCYTHE_WORKER_DRAIN: '3s' })
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const { run, ref } = await experiment.allocate(
      [0, 1].map((n) => ({ n, ms: 600_000, calls })),
      { engine: fleet.engine(), batch: 1 },
    )
    await until(async () => readCalls(calls).length === 2)
    const second = await fleet.worker('second')
    expect(await first.end('SIGTERM')).toBe(0)
    const gone = Date.now()
    await until(async () => readCalls(calls).length === 4)
    expect(Date.now() - gone).toBeLessThan(MISSED_MS)
    const again = readCalls(calls).slice(2)
    expect(again.map(({ worker }) => worker)).toEqual(['second', 'second'])
    expect(again.map(({ n }) => n).sort()).toEqual([0, 1])
    writeFileSync(`${calls}.enough`, '')
    expect(await ref.result()).toMatchObject({ results: 2, errors: 0 })
    expect(readCalls(calls)).toHaveLength(4)
    expect(await indexes(run)).toEqual([0, 1])
    expect(await second.end('SIGTERM')).toBe(0)
  })

  it('stops every task of a cancelled run', async () => {
    const calls = join(await temporaryFolder(), 'calls.txt')
    const worker = await fleet.worker('cancelled')
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const specs = Array.from({ length: 12 }, (_, n) => ({ n, ms: n < 6 ? 0 : 600_000, calls }))
    const { run, ref } = await experiment.allocate(specs, {
      engine: fleet.engine(),
      batch: 1,
      recursionMap: { factor: 2, maxDepth: 1 },
    })
    // Sooner or later the long ones have both slots.
    await until(async () => readCalls(calls).filter(({ n }) => n >= 6).length === 2)
    await ref.cancel()
    await expect(ref.result()).rejects.toMatchObject({ code: 'CANCELLED' })
    await until(async () => {
      const { slots } = await worker.health()
      return slots.leaf.inUse + slots.fan.inUse === 0
    })
    const called = readCalls(calls).length
    expect(called).toBeLessThan(12)
    expect(await run.status()).toMatchObject({ errors: 0, state: 'open' })
    await worker.end('SIGKILL')
  })
})
