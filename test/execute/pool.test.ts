import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { executorConformance } from './conformance.js'
import { noop } from './fixtures/numbers.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 2, worker: 'test' })
afterAll(() => pool.close())

executorConformance('pool', () => createPool({ slots: 1, worker: 'test' }))

const experiment = ExperimentRegistry.get(noop)
const specs = Array.from({ length: 250 }, (_, i) => ({ a: i / 8, b: i, name: `spec ${i}` }))

test('a batch returns a row for every spec, in order, under the index of its spec', async () => {
  const run = testRun(experiment, specs)
  const result = await pool.run(run.batch, run.host)
  expect(result).toMatchObject({ results: 250, errors: 0 })
  expect(result.seconds).toBeGreaterThan(0)
  expect(await run.table('scalars')).toEqual(
    specs.map(({ a, b, name }, i) => ({
      sum: a + b,
      twice: 2 * b,
      label: name,
      experiment_id: run.batch.experimentId,
      sort_index: i,
      workflow_run_id: 'task-1',
      root_workflow_run_id: run.batch.rootWorkflowRunId,
      a,
      b,
      name,
    })),
  )
  expect(run.rows.flatMap(({ parts }) => Object.keys(parts))).not.toContain('errors')
})

test('a batch over several row groups reads each once, and the next batch of the run does not read the last one again', async () => {
  const single = createPool({ slots: 1, worker: 'test' })
  const run = testRun(experiment, specs, { rowGroup: 100 })
  await single.run({ ...run.batch, start: 30, end: 210 }, run.host)
  await single.run({ ...run.batch, start: 210, end: 250 }, run.host)
  await single.close()
  expect(run.reads).toEqual([0, 1, 2])
  expect((await run.table('scalars')).map((row) => row.sort_index)).toEqual(specs.map((_, i) => i).slice(30))
})

test('a large batch is flushed in several contiguous parts', async () => {
  const run = testRun(
    experiment,
    Array.from({ length: 25_000 }, (_, i) => ({ a: 1, b: i, name: '' })),
  )
  await pool.run(run.batch, run.host)
  expect(run.rows.length).toBeGreaterThan(2)
  expect(run.rows.map(({ start }) => start)).toEqual([0, ...run.rows.map(({ end }) => end).slice(0, -1)])
  expect(run.rows.at(-1)!.end).toBe(25_000)
  expect((await run.table('scalars')).map((row) => row.twice)).toEqual(Array.from({ length: 25_000 }, (_, i) => 2 * i))
})

test('batches in excess of the slots wait for their turn', async () => {
  const runs = Array.from({ length: 6 }, () => testRun(experiment, specs))
  const results = await Promise.all(runs.map((run) => pool.run(run.batch, run.host)))
  expect(results.map(({ results }) => results)).toEqual([250, 250, 250, 250, 250, 250])
})
