import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import '../../experiments/building-energy/building-energy.js'
import { buildingSpecs } from '../../experiments/building-energy/specs.js'
import { BaseExperiment, type Engine, localEngine, type Run } from '../../src/index.js'
import { collect } from '../support/collect.js'
import { hasEngine } from '../support/engine.js'
import { onGpu } from './fixtures/experiments.js'
import { FIXTURES, type Fleet, startFleet } from './fleet.js'

const STUDY = fileURLToPath(new URL('../../experiments/building-energy/building-energy.ts', import.meta.url))
/** What names a run, a task or a place. */
const ITS_OWN = /^(experiment_id|workflow_run_id|root_workflow_run_id)$/

async function tablesOf(run: Run): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {}
  for (const name of Object.keys(await run.results())) {
    tables[name] = (await collect(run.rows(name))).map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([column]) => !ITS_OWN.test(column))
          .map(([column, value]) => [column, fileName(value)]),
      ),
    )
  }
  return tables
}

function fileName(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('s3://') ? basename(value) : value
}

describe.skipIf(!(await hasEngine('a study on a fleet')))('a fleet of three workers', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet()
    const both = { SCYTHE_WORKER_EXPERIMENTS: `${FIXTURES},${STUDY}` }
    await Promise.all([
      fleet.worker('plain', both),
      fleet.worker('large', { ...both, SCYTHE_WORKER_HIGH_MEMORY: 'true' }),
      fleet.worker('gpu', { ...both, SCYTHE_WORKER_HAS_GPU: 'true', SCYTHE_WORKER_SLOTS: '1' }),
    ])
  })
  afterAll(() => fleet.stop())

  it('returns the tables of the building-energy study that the local engine returns', async () => {
    const experiment = new BaseExperiment({ runnable: 'simulate_energy', store: fleet.store })
    const allocate = async (engine: Engine) => {
      const { run, ref } = await experiment.allocate(buildingSpecs() as never, { engine, batch: 20 })
      expect(await ref.result()).toMatchObject({ specs: 324, results: 324, errors: 0 })
      return tablesOf(run)
    }
    const local = await localEngine({ slots: 2 })
    const [here, there] = [await allocate(local), await allocate(fleet.engine())]
    await local.close()
    expect(Object.keys(there)).toEqual(Object.keys(here))
    expect(there).toEqual(here)
  })

  it('runs GPU work on the GPU worker only', async () => {
    const experiment = new BaseExperiment({ runnable: onGpu, store: fleet.store })
    const specs = Array.from({ length: 60 }, (_, n) => ({ n, ms: 20, calls: '' }))
    const { run, ref } = await experiment.allocate(specs, { engine: fleet.engine(), batch: 3 })
    expect(await ref.result()).toMatchObject({ results: 60, errors: 0 })
    const workers = (await collect(run.rows('scalars'))).map(({ worker }) => worker)
    expect(new Set(workers)).toEqual(new Set(['gpu']))
  })
})
