import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { temporaryFolder } from '../support/folders.js'
import { noop } from './fixtures/numbers.js'
import { testRun } from './support.js'

async function pool(programs: readonly string[] = []) {
  const tempRoot = await temporaryFolder()
  const pool = createPool({ slots: 1, worker: 'test', tempRoot, programs })
  onTestFinished(() => pool.close())
  return { pool, tempRoot }
}

test('a pool whose folder is gone reports a problem until the folder is back', async () => {
  const { pool: it, tempRoot } = await pool()
  expect(await it.problems()).toEqual([])
  const [folder] = await readdir(tempRoot)
  await rm(join(tempRoot, folder!), { recursive: true })
  expect(await it.problems()).toEqual([
    expect.stringMatching(/^The folder of the processes cannot be written to: ENOENT/),
  ])
  await mkdir(join(tempRoot, folder!))
  expect(await it.problems()).toEqual([])
})

test('an experiment that its own module does not register is looked up in every program', async () => {
  const experiment = ExperimentRegistry.get(noop)
  const elsewhere = { ...experiment, module: new URL('support.ts', import.meta.url).href }
  const { pool: it } = await pool([elsewhere.module, experiment.module])
  const run = testRun(elsewhere, [{ a: 1, b: 2, name: 'two' }])
  expect(await it.run(run.batch, run.host)).toMatchObject({ results: 1, errors: 0 })
})
