import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { actionNames, apart, leavingAtOnce, leavingBehind } from './fixtures/leaving-behind.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 2, worker: 'test' })
afterAll(() => pool.close())

/** Runs specs one batch after the other, and returns all their rows. */
async function rowsOf(fn: typeof leavingBehind | typeof leavingAtOnce, actions: readonly string[], size: number) {
  const run = testRun(
    ExperimentRegistry.get(fn),
    actions.map((action, n) => ({ action, n })),
  )
  for (let start = 0; start < actions.length; start += size) {
    await pool.run({ ...run.batch, start, end: Math.min(start + size, actions.length) }, run.host)
  }
  return { scalars: await run.table('scalars'), errors: await run.table('errors') }
}

/** Each action between specs that do nothing. */
const between = (actions: readonly string[]) => [
  'nothing',
  ...actions.flatMap((action) => [action, 'nothing', 'nothing']),
]
const changes = actionNames.filter((action) => /^(change|add|remove|take)/.test(action))
/** What cannot be put back ends the process that the row is to leave; what schemas work with is gone when the output is looked at. */
const OWN_AFFAIR = ['add to all objects for ever', 'starve the event loop', 'change JSON', 'remove push']

test.each([
  ['functions that wait', leavingBehind, between(actionNames)],
  ['functions that do not wait', leavingAtOnce, between(changes)],
])('whatever specs leave behind, %s have the rows that they have alone', async (_, fn, specs) => {
  const { scalars, errors } = await rowsOf(fn, specs, specs.length)
  const blamed = errors.map(({ action, error_code, error_message }) => [action, error_code, error_message])
  expect(blamed.filter(([action]) => !OWN_AFFAIR.includes(action as string))).toEqual([])
  expect(new Set(scalars.map(({ world }) => world)).size).toBe(1)
  expect(scalars.length + errors.length).toBe(specs.length)
  for (const { own, any, sort_index } of scalars) expect([own, any]).toEqual([sort_index, { n: sort_index }])
})

test('an experiment that asks for isolation has one process for each spec', async () => {
  const run = testRun(ExperimentRegistry.get(apart), [{}, {}, {}])
  await pool.run(run.batch, run.host)
  expect(new Set((await run.table('scalars')).map(({ pid }) => pid)).size).toBe(3)
})
