import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { greedy, misbehaving } from './fixtures/misbehaving.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 2, worker: 'worker of the test' })
afterAll(() => pool.close())

/** Runs these specs as one batch, one that does nothing after each, and gives the errors by their action. */
async function errorsOf(experiment: typeof misbehaving, actions: readonly string[]) {
  const specs = actions.flatMap((action) => [{ action }, { action: 'nothing' }])
  const run = testRun(ExperimentRegistry.get(experiment), specs)
  const { results, errors } = await pool.run(run.batch, run.host)
  expect([results, errors]).toEqual([actions.length, actions.length])
  const [scalars, rows] = [await run.table('scalars'), await run.table('errors')]
  expect(scalars.map((row) => row.sort_index)).toEqual(actions.map((_, i) => 2 * i + 1))
  expect(rows.map((row) => row.sort_index)).toEqual(actions.map((_, i) => 2 * i))
  return new Map(rows.map((row) => [row.action, row]))
}

test('a spec that throws becomes an error row with the error, and the other specs run', async () => {
  const expected: Record<string, [string, string, RegExp]> = {
    throw: ['SPEC_FAILED', 'RangeError', /^too far$/],
    'throw a text': ['SPEC_FAILED', 'SPEC_FAILED', /^just a text$/],
    'throw an object': ['SPEC_FAILED', 'SPEC_FAILED', /reason: 'odd', level: 3/],
    'throw null': ['SPEC_FAILED', 'SPEC_FAILED', /^null$/],
    'return nonsense': ['OUTPUT_INVALID', 'OUTPUT_INVALID', /attempt/i],
    'sleep and listen': ['SPEC_TIMED_OUT', 'SPEC_TIMED_OUT', /time limit of 0.5 s/],
  }
  const errors = await errorsOf(misbehaving, Object.keys(expected))
  for (const [action, [code, name, message]] of Object.entries(expected)) {
    const row = errors.get(action)!
    expect(row, action).toMatchObject({ error_code: code, error_name: name, error_worker: 'worker of the test' })
    expect(row.error_message, action).toMatch(message)
    expect(row.error_attempts, action).toBe(1)
    expect(row.error_seconds, action).toBeGreaterThanOrEqual(0)
  }
  expect(errors.get('throw')!.error_stack).toMatch(
    /RangeError: too far\n.*misbehaving\.ts:\d+[\s\S]*Caused by: Error: no map/,
  )
  expect(errors.get('sleep and listen')!.error_seconds).toBeGreaterThanOrEqual(0.5)
})

test('a spec that ends its process becomes an error row with the cause, and the other specs run in a new process', async () => {
  const expected: Record<string, [string, RegExp]> = {
    spin: ['SPEC_TIMED_OUT', /time limit of 0.5 s/],
    'sleep without listening': ['SPEC_TIMED_OUT', /time limit of 0.5 s/],
    exit: ['SPEC_EXITED', /exit code 7/],
    abort: ['SPEC_CRASHED', /SIGABRT/],
    segfault: ['SPEC_CRASHED', /SIGSEGV/],
    'be killed': ['SPEC_OUT_OF_MEMORY', /SIGKILL/],
    'throw later': ['SPEC_FAILED', /^nobody awaits this$/],
    'reject unheard': ['SPEC_FAILED', /^nobody catches this$/],
  }
  const errors = await errorsOf(misbehaving, Object.keys(expected))
  for (const [action, [code, message]] of Object.entries(expected)) {
    const row = errors.get(action)!
    expect(row, action).toMatchObject({ error_code: code, error_attempts: 1, error_worker: 'worker of the test' })
    expect(row.error_message, action).toMatch(message)
  }
  expect(errors.get('throw later')!.error_name).toBe('TypeError')
})

test('a spec that fills the heap, or memory outside the heap, is ended at the limit, and the other specs run', async () => {
  const errors = await errorsOf(greedy, ['fill the heap', 'fill buffers'])
  expect(errors.get('fill the heap')).toMatchObject({ error_code: 'SPEC_OUT_OF_MEMORY' })
  expect(errors.get('fill buffers')).toMatchObject({
    error_code: 'SPEC_OUT_OF_MEMORY',
    error_message: expect.stringMatching(/had \d\.\d\d GB of memory, more than its limit of 0\.\d\d GB/),
  })
})
