import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { recordsRuns } from './fixtures/records-runs.js'
import { testRun } from './support.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('finished rows are flushed while a later spec runs, and only that spec runs again if it ends the process', async () => {
  const pool = createPool({ slots: 1, worker: 'test' })
  const [log, exitAt] = [join(folder, 'log'), join(folder, 'exit')]
  const run = testRun(ExperimentRegistry.get(recordsRuns), [{ log }, { log }, { log, exitAt }, { log }], {
    async onRows(rows) {
      run.rows.push(rows)
      if (rows.end === 2) await writeFile(exitAt, '')
    },
  })
  expect(await pool.run(run.batch, run.host)).toMatchObject({ results: 3, errors: 1 })
  await pool.close()
  expect(await readFile(log, 'utf8')).toBe('0 1 2 2 3 ')
  expect(run.rows.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))).toEqual([
    0, 1, 2, 3,
  ])
})
