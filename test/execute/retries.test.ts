import { afterAll, expect, test } from 'vitest'
import { backoffMs } from '../../src/execute/child/run-spec.js'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { retried } from './fixtures/misbehaving.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 1, worker: 'test' })
afterAll(() => pool.close())

async function runActions(...actions: string[]) {
  const run = testRun(
    ExperimentRegistry.get(retried),
    actions.map((action) => ({ action })),
  )
  await pool.run(run.batch, run.host)
  return run
}

test('a spec that fails at first is retried, and knows the number of its attempt', async () => {
  const run = await runActions('nothing', 'throw at first', 'nothing')
  expect((await run.table('scalars')).map((row) => row.attempt)).toEqual([1, 3, 1])
})

test('a spec that ends its process at first is retried in another process', async () => {
  const run = await runActions('nothing', 'crash at first', 'nothing')
  expect((await run.table('scalars')).map((row) => [row.sort_index, row.attempt])).toEqual([
    [0, 1],
    [1, 2],
    [2, 1],
  ])
})

test('a spec that fails every time reports the number of attempts', async () => {
  const run = await runActions('throw', 'exit', 'sleep and listen')
  expect((await run.table('errors')).map((row) => [row.error_code, row.error_attempts])).toEqual([
    ['SPEC_FAILED', 3],
    ['SPEC_EXITED', 3],
    ['SPEC_TIMED_OUT', 3],
  ])
})

test('the wait before a retry grows by the factor up to its limit', () => {
  const waits = [1, 2, 3, 4, 5].map((retry) => backoffMs({ seconds: 2, factor: 3, maxSeconds: 40 }, retry))
  expect(waits).toEqual([2_000, 6_000, 18_000, 40_000, 40_000])
})
