import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/processes.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { greedy, misbehaving } from './fixtures/misbehaving.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 2, worker: 'worker of the test' })
afterAll(() => pool.close())

async function errorsOf(deeds: readonly string[], experiment = misbehaving) {
  const run = testRun(
    ExperimentRegistry.get(experiment),
    deeds.map((deed) => ({ deed })),
  )
  const { results, errors } = await pool.run(run.batch, run.host)
  const rows = await run.table('errors')
  const scalars = await run.table('scalars')
  expect([scalars.length, rows.length]).toEqual([results, errors])
  expect(results + errors).toBe(deeds.length)
  return rows
}

test.each([
  ['throw', 'SPEC_FAILED', 'RangeError', /^too far$/],
  ['throw a text', 'SPEC_FAILED', 'SPEC_FAILED', /^just a text$/],
  ['throw an object', 'SPEC_FAILED', 'SPEC_FAILED', /reason: 'odd', level: 3/],
  ['throw null', 'SPEC_FAILED', 'SPEC_FAILED', /^null$/],
  ['return nonsense', 'OUTPUT_INVALID', 'OUTPUT_INVALID', /attempt/i],
  ['spin', 'SPEC_TIMED_OUT', 'SPEC_TIMED_OUT', /time limit of 0.5 s/],
  ['sleep without listening', 'SPEC_TIMED_OUT', 'SPEC_TIMED_OUT', /time limit of 0.5 s/],
  ['sleep and listen', 'SPEC_TIMED_OUT', 'SPEC_TIMED_OUT', /time limit of 0.5 s/],
  ['exit', 'SPEC_EXITED', 'SPEC_EXITED', /exit code 7/],
  ['abort', 'SPEC_CRASHED', 'SPEC_CRASHED', /SIGABRT/],
  ['segfault', 'SPEC_CRASHED', 'SPEC_CRASHED', /SIGSEGV/],
  ['be killed', 'SPEC_OUT_OF_MEMORY', 'SPEC_OUT_OF_MEMORY', /SIGKILL/],
  ['throw later', 'SPEC_FAILED', 'TypeError', /^nobody awaits this$/],
  ['reject unheard', 'SPEC_FAILED', 'TypeError', /^nobody catches this$/],
])('a spec that would %s becomes an error row, and the others go on', async (deed, code, name, message) => {
  const [row, ...others] = await errorsOf(['nothing', 'nothing', deed, 'nothing'])
  expect(others).toEqual([])
  expect(row).toMatchObject({
    sort_index: 2,
    deed,
    error_code: code,
    error_name: name,
    error_attempts: 1,
    error_worker: 'worker of the test',
  })
  expect(row!.error_message).toMatch(message)
  expect(row!.error_seconds).toBeGreaterThanOrEqual(0)
})

test.each([
  ['fill the heap', /memory/],
  ['fill buffers', /had \d.\d\d GB of memory, more than its limit of 0.\d\d GB/],
])('a spec that would %s is ended at the limit, and the others go on', async (deed, message) => {
  const rows = await errorsOf(['nothing', deed, 'nothing', deed], greedy)
  expect(rows.map((row) => [row.sort_index, row.error_code])).toEqual([
    [1, 'SPEC_OUT_OF_MEMORY'],
    [3, 'SPEC_OUT_OF_MEMORY'],
  ])
  expect(rows[0]!.error_message).toMatch(message)
})

test('the stack of what was thrown says where, and what caused it', async () => {
  const [row] = await errorsOf(['throw'])
  expect(row!.error_stack).toMatch(/RangeError: too far\n.*misbehaving\.ts:\d+[^]*Caused by: Error: no map/)
})

test('every one of many fatal specs in a row is blamed for itself', async () => {
  const rows = await errorsOf(['exit', 'abort', 'nothing', 'exit', 'spin', 'nothing', 'abort'])
  expect(rows.map((row) => [row.sort_index, row.error_code])).toEqual([
    [0, 'SPEC_EXITED'],
    [1, 'SPEC_CRASHED'],
    [3, 'SPEC_EXITED'],
    [4, 'SPEC_TIMED_OUT'],
    [6, 'SPEC_CRASHED'],
  ])
})
