import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BaseExperiment } from '../../src/index.js'
import { collect } from '../support/collect.js'
import { hasEngine } from '../support/engine.js'
import { anywhere } from './fixtures/experiments.js'
import { type Fleet, startFleet, until } from './fleet.js'

const SPECS = 2000

describe.skipIf(!(await hasEngine('runs that outlive workers and the engine')))('a run', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet()
  })
  afterAll(() => fleet.stop())

  it('has every row although a leaf worker, its fan and the engine are killed', async () => {
    const LEAF = { SCYTHE_WORKER_DOES_FAN: 'false' }
    const FAN = { SCYTHE_WORKER_DOES_LEAF: 'false' }
    const [leaf, , ...fans] = await Promise.all([
      fleet.worker('leaf-1', LEAF),
      fleet.worker('leaf-2', LEAF),
      fleet.worker('fan-1', FAN),
      fleet.worker('fan-2', FAN),
    ])
    const experiment = new BaseExperiment({ runnable: anywhere, store: fleet.store })
    const specs = Array.from({ length: SPECS }, (_, n) => ({ n, ms: 40, calls: '' }))
    let done = 0
    const { run, ref } = await experiment.allocate(specs, {
      engine: fleet.engine(),
      batch: 10,
      onProgress: (progress) => {
        done = progress.done
      },
    })
    const result = ref.result()
    result.catch(() => {})

    await until(async () => done > SPECS / 10)
    await leaf.end('SIGKILL')

    await until(async () => done > SPECS / 4)
    const busy = await Promise.all(fans.map(async (fan) => (await fan.health()).slots.fan.inUse))
    expect(busy.toSorted()).toEqual([0, 1])
    await fans[busy.indexOf(1)]!.end('SIGKILL')

    await until(async () => done > SPECS / 2)
    // A new engine waits for a minute before it takes over what the old one had in hand.
    await fleet.hatchet.restart(10_000)

    expect(await result).toMatchObject({ specs: SPECS, results: SPECS, errors: 0 })
    const rows = await collect(run.rows('scalars'))
    expect(rows.map(({ sort_index, twice }) => [Number(sort_index), Number(twice)])).toEqual(
      specs.map(({ n }) => [n, n * 2]),
    )
  }, 600_000)
})
