import { existsSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { tables, tempdirs } from './fixtures/folders.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 1, worker: 'test' })
afterAll(() => pool.close())

test('ctx.tempdir is a new folder for each attempt, and is removed after the attempt, however it ended', async () => {
  const run = testRun(
    ExperimentRegistry.get(tempdirs),
    ['', 'throw', '', 'exit', ''].map((end) => ({ end })),
  )
  await pool.run(run.batch, run.host)
  const scalars = await run.table('scalars')
  const errors = await run.table('errors')
  expect(scalars.map((row) => [row.sort_index, row.isOneFolder, row.isLastOneGone])).toEqual([
    [0, true, true],
    [2, true, true],
    [4, true, true],
  ])
  expect(errors.map((row) => [row.sort_index, row.error_code])).toEqual([
    [1, 'SPEC_FAILED'],
    [3, 'SPEC_EXITED'],
  ])
  const paths = [...scalars.map((row) => row.path), errors[0]!.error_message] as string[]
  expect(new Set(paths).size).toBe(4)
  expect(paths.filter((path) => existsSync(path))).toEqual([])
})

test('a table of several rows per spec is joined to its specs, and ctx has their position', async () => {
  const run = testRun(
    ExperimentRegistry.get(tables),
    [2, 0, 3].map((rows) => ({ rows, tags: ['not', 'in', 'the', 'index'] })),
  )
  await pool.run(run.batch, run.host)
  const squares = await run.table('squares')
  expect(squares.map((row) => [row.sort_index, row.sort_subindex, row.rows, row.i, row.square])).toEqual([
    [0, 0, 2, 0, 0],
    [0, 1, 2, 1, 1],
    [2, 0, 3, 0, 0],
    [2, 1, 3, 1, 1],
    [2, 2, 3, 2, 4],
  ])
  expect(squares[0]).not.toHaveProperty('tags')
  expect((await run.table('places')).map((row) => row.where)).toEqual(
    [0, 1, 2].map((i) => `${run.batch.experimentId} ${i} task-1 root-`),
  )
  expect((await run.table('scalars')).map((row) => row.sort_index)).toEqual([0, 1, 2])
})
