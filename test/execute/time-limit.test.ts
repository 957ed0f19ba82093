import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { graceMs, pollMs } from '../../src/execute/time-limit.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { timeLimited } from './fixtures/sleeps.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 1, worker: 'test' })
afterAll(() => pool.close())

/** Runs specs, of which the one at `late` is to time out, and gives the processes that the others ran in. */
async function pidsOf(hows: readonly string[], late: number) {
  const run = testRun(
    ExperimentRegistry.get(timeLimited),
    hows.map((how) => ({ how })),
  )
  await pool.run(run.batch, run.host)
  expect((await run.table('errors')).map((row) => [row.sort_index, row.error_code, row.error_message])).toEqual([
    [late, 'SPEC_TIMED_OUT', 'Took longer than its time limit of 0.4 s (option executionTimeout).'],
  ])
  return (await run.table('scalars')).map((row) => row.pid)
}

test('a function that is too slow beside others must also be too slow alone before it is blamed', async () => {
  const [before, after] = await pidsOf(['at once', 'until told', 'at once'], 1)
  expect(after).not.toBe(before)
  const [another] = await pidsOf(['for ever', 'at once'], 0)
  expect(another).not.toBe(after)
})

test.each([
  [1, 20, 1_000],
  [1_000, 100, 1_000],
  [20_000, 200, 2_000],
  [3_600_000, 200, 5_000],
])('a limit of %i ms is checked every %i ms, and has a grace period of %i ms', (limit, poll, grace) => {
  expect([pollMs(limit), graceMs(limit)]).toEqual([poll, grace])
})
