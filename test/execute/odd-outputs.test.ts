import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { odd, oddOutputs } from './fixtures/odd-outputs.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 1, worker: 'worker of the test' })
afterAll(() => pool.close())

test('an output that cannot be stored is one error row, and rows keep the returned values, whatever changes them later', async () => {
  const values = Object.keys(odd)
  const bad = ['json', 'text', 'all', 'row'].flatMap((as) => values.map((value) => ({ value, as })))
  const specs = bad.flatMap((spec, i) => [
    { ...spec, n: 2 * i },
    { as: 'json', n: 2 * i + 1 },
  ])
  const run = testRun(ExperimentRegistry.get(oddOutputs), specs)
  const { results, errors } = await pool.run(run.batch, run.host)
  expect([results, errors]).toEqual([bad.length, bad.length])
  const rows = await run.table('errors')
  expect(rows.map(({ n }) => n)).toEqual(bad.map((_, i) => 2 * i))
  const blamed = rows.map(({ value, as, error_code }) => [value, as, error_code])
  // A promise is waited for, and whether this is one only its trap could say.
  const then = (value: unknown, as: unknown) => as === 'all' && String(value).startsWith('a proxy')
  expect(blamed).toEqual(bad.map(({ value, as }) => [value, as, then(value, as) ? 'SPEC_FAILED' : 'OUTPUT_INVALID']))
  for (const [i, row] of (await run.table('scalars')).entries()) {
    const n = 2 * i + 1
    expect(row).toMatchObject({ n, text: 'fine', json: [{ n }], days: [new Date(n)], lists: [{ n }] })
  }
  const cells = await run.table('rows')
  expect(cells.map(({ cell }) => cell)).toEqual(bad.map((_, i) => [{ n: 2 * i + 1 }]))
})
