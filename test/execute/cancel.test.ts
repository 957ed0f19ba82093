import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { sleeps } from './fixtures/sleeps.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 1, worker: 'test' })
afterAll(() => pool.close())

const experiment = ExperimentRegistry.get(sleeps)

async function pidOfPool(): Promise<unknown> {
  const run = testRun(experiment, [{ how: 'at once' }])
  await pool.run(run.batch, run.host)
  return (await run.table('scalars'))[0]!.pid
}

/** Cancels when the spec is under way. */
async function cancelDuring(how: string): Promise<void> {
  const controller = new AbortController()
  const run = testRun(experiment, [{ how: 'at once' }, { how }, { how: 'at once' }], {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('the user changed his mind')),
  })
  await expect(pool.run(run.batch, run.host)).rejects.toMatchObject({
    code: 'CANCELLED',
    cause: { message: 'the user changed his mind' },
  })
  expect(await run.table('errors')).toEqual([])
}

test('a cancelled batch ends at once if the function listens to the signal, and its process is reused', async () => {
  const before = await pidOfPool()
  await cancelDuring('until told')
  expect(await pidOfPool()).toBe(before)
})

test('a cancelled batch ends with its process if the function does not listen to the signal', async () => {
  const before = await pidOfPool()
  await cancelDuring('for ever')
  expect(await pidOfPool()).not.toBe(before)
})
