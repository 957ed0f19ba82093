import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { usableCpus } from '../../src/settings/machine.js'
import { halfMade } from './fixtures/half-made.js'
import { noop } from './fixtures/numbers.js'
import { study } from './fixtures/script.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 1, worker: 'test' })
afterAll(() => pool.close())

test('a script that reaches an allocation is imported no further, and its earlier set-up is done', async () => {
  const run = testRun(ExperimentRegistry.get(study), [{ x: 2 }])
  await pool.run(run.batch, run.host)
  expect(await run.table('scalars')).toMatchObject([{ y: 6, ran: false }])
})

test('a module that awaits after it has registered is waited for', async () => {
  const run = testRun(ExperimentRegistry.get(halfMade), [{ x: 2 }])
  await pool.run(run.batch, run.host)
  expect(await run.table('scalars')).toMatchObject([{ y: 4 }])
})

test('a module that fails after it has registered is not used half-initialized', async () => {
  const module = new URL('fixtures/half-broken.ts', import.meta.url).href
  const run = testRun(ExperimentRegistry.get(noop), [{ a: 1, b: 2, name: '' }])
  const batch = { ...run.batch, experiment: { name: 'half_broken', module, memory: undefined } }
  await expect(pool.run(batch, run.host)).rejects.toThrow(/importing it failed: Error: the model is not there/)
})

test.each([
  ['broken', /SyntaxError: this module is broken/],
  ['deadly', /exit code 3 before it began a spec\. last words/],
  ['numbers', /does not register the experiment \(it registers scythe_experiment_noop\)/],
  ['missing', /Cannot find module/],
])('a batch fails with the reason if the module %s does not register its experiment', async (name, reason) => {
  const module = new URL(`fixtures/${name}.ts`, import.meta.url).href
  const run = testRun(ExperimentRegistry.get(noop), [{ a: 1, b: 2, name: '' }])
  const batch = { ...run.batch, experiment: { name: 'unheard_of', module, memory: undefined } }
  const failure = await pool.run(batch, run.host).catch((error) => error)
  expect(failure).toMatchObject({ code: 'EXPERIMENT_NOT_LOADED', experiment: 'unheard_of', module })
  expect(failure.message).toMatch(reason)
})

test('a pool continues after an experiment that could not be loaded', async () => {
  const run = testRun(ExperimentRegistry.get(noop), [{ a: 1, b: 2, name: '' }])
  expect(await pool.run(run.batch, run.host)).toMatchObject({ results: 1 })
})

test('a warmed-up process runs the first batch', async () => {
  const tempRoot = await mkdtemp(join(tmpdir(), 'scythe-test-'))
  const warmed = createPool({ slots: 1, worker: 'test', tempRoot })
  const run = testRun(ExperimentRegistry.get(noop), [{ a: 1, b: 2, name: '' }])
  const processes = () => readdirSync(join(tempRoot, readdirSync(tempRoot)[0]!))
  warmed.warm(run.batch.experiment)
  expect(processes()).toEqual(['0'])
  expect(await warmed.run(run.batch, run.host)).toMatchObject({ results: 1 })
  expect(processes()).toEqual(['0'])
  await warmed.close()
  expect(readdirSync(tempRoot)).toEqual([])
  await rm(tempRoot, { recursive: true })
})

test('no more processes are warmed up than there are processors', async () => {
  const tempRoot = await mkdtemp(join(tmpdir(), 'scythe-test-'))
  const warmed = createPool({ slots: 10_000, worker: 'test', tempRoot })
  warmed.warm(testRun(ExperimentRegistry.get(noop), [{ a: 1, b: 2, name: '' }]).batch.experiment)
  expect(readdirSync(join(tempRoot, readdirSync(tempRoot)[0]!))).toHaveLength(usableCpus())
  await warmed.close()
  await rm(tempRoot, { recursive: true })
})
