import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FileUnavailableError } from '../../src/execute/errors.js'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { capitals, KEPT } from './fixtures/folders.js'
import { testRun } from './support.js'

const pool = createPool({ slots: 2, worker: 'test' })
const experiment = ExperimentRegistry.get(capitals)
let folder: string

beforeAll(async () => {
  await mkdir(KEPT, { recursive: true })
  folder = await mkdtemp(join(KEPT, 'test-'))
})
afterAll(async () => {
  await pool.close()
  await rm(folder, { recursive: true })
})

test('input files are fetched once each for all processes of the pool, and passed as local paths', async () => {
  const fetched: string[] = []
  const uris = ['s3://bucket/a.txt', 's3://bucket/b.txt', 's3://bucket/a.txt', 's3://bucket/a.txt']
  const run = testRun(
    experiment,
    uris.map((text) => ({ text })),
    {
      async fetchFile(uri, path) {
        fetched.push(uri)
        await writeFile(path, uri)
        return path
      },
    },
  )
  await Promise.all([pool.run({ ...run.batch, end: 2 }, run.host), pool.run({ ...run.batch, start: 2 }, run.host)])
  expect(fetched.sort()).toEqual(['s3://bucket/a.txt', 's3://bucket/b.txt'])
  const scalars = await run.table('scalars')
  expect(scalars.map((row) => row.text).sort()).toEqual(uris.toSorted())
  for (const row of scalars) expect(await readFile(row.path as string, 'utf8')).toBe(row.text)
})

test('files that a function returns are stored before its tempdir is removed, and their addresses are in a table', async () => {
  await writeFile(join(folder, 'in.txt'), 'small')
  await writeFile(join(folder, 'kept.csv'), 'kept')
  const stored: Record<string, string> = {}
  const paths: string[] = []
  const run = testRun(
    experiment,
    [
      { text: join(folder, 'in.txt') },
      { give: join(folder, 'kept.csv') },
      { give: 'https://example.org/there.txt' },
      { give: 'nothing' },
    ],
    {
      async onRows(rows) {
        run.rows.push(rows)
        for (const { key, path } of rows.files) {
          stored[key] = await readFile(path, 'utf8')
          paths.push(path)
        }
      },
    },
  )
  await pool.run(run.batch, run.host)
  expect(stored).toEqual({
    'results/capitals/attempt-1/0.TXT': 'SMALL',
    'results/capitals/attempt-1/1.csv': 'kept',
  })
  expect((await run.table('result_file_refs')).map((row) => [row.sort_index, row.capitals])).toEqual([
    [0, 's3://bucket/run/results/capitals/attempt-1/0.TXT'],
    [1, 's3://bucket/run/results/capitals/attempt-1/1.csv'],
    [2, 'https://example.org/there.txt'],
    [3, null],
  ])
  expect(paths.filter((path) => existsSync(path))).toEqual([])
  expect(await readFile(join(folder, 'kept.csv'), 'utf8')).toBe('kept')
})

test('a file that cannot be fetched or does not exist is an error of its spec alone', async () => {
  const run = testRun(
    experiment,
    [{ text: 's3://bucket/gone.txt' }, { give: join(folder, 'missing.txt') }, { give: 'nothing' }],
    {
      async fetchFile() {
        throw new FileUnavailableError('s3://bucket/gone.txt', 'no such object')
      },
    },
  )
  expect(await pool.run(run.batch, run.host)).toMatchObject({ results: 1, errors: 2 })
  expect((await run.table('errors')).map((row) => [row.sort_index, row.error_code, row.error_message])).toEqual([
    [0, 'FILE_UNAVAILABLE', 'Could not fetch s3://bucket/gone.txt: no such object'],
    [1, 'OUTPUT_INVALID', expect.stringContaining(join(folder, 'missing.txt'))],
  ])
})

test("a file output must be a file, in the function's own folder or in a folder that is named", async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const given = [
    '/dev/null',
    pipe,
    folder,
    '/etc/hostname',
    'link',
    '/etc/../etc/hostname',
    `${KEPT}/../../etc/hostname`,
  ]
  const run = testRun(
    experiment,
    given.map((give) => ({ give })),
  )
  expect(await pool.run(run.batch, run.host)).toMatchObject({ results: 0, errors: given.length })
  const messages = (await run.table('errors')).map((row) => row.error_message)
  for (const [index, says] of ['is a device', 'is a pipe', 'is a folder', 'lies outside of ctx.tempdir'].entries()) {
    expect(messages[index]).toContain(says)
  }
  expect(messages[4]).toMatch(/link\.txt, which is \/etc\/hostname, lies outside.*outputFolders/)
  expect(messages.slice(5)).toEqual([
    expect.stringContaining('lies outside'),
    expect.stringMatching(/lies outside|none at/),
  ])
})

test('a store that is away while a file of it is fetched ends the batch, and is no error of the spec', async () => {
  const away = Object.assign(new Error('503 SlowDown'), { code: 'STORE_UNUSABLE' })
  const run = testRun(experiment, [{ give: 'nothing' }, { text: 's3://bucket/there.txt' }], {
    async fetchFile() {
      throw away
    },
  })
  await expect(pool.run(run.batch, run.host)).rejects.toBe(away)
  expect(run.rows.reduce((errors, rows) => errors + rows.errors, 0)).toBe(0)
})
