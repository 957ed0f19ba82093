import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry, openStore } from '../../src/index.js'
import type { TaskHost } from '../../src/scatter/task.js'
import { taskDefinitions } from '../../src/scatter/task-definitions.js'
import { fetchSettings } from '../../src/settings/fetch.js'
import type { Store } from '../../src/store/store.js'
import { readRows } from '../../src/table/rows.js'
import { bytesSource } from '../../src/table/source.js'
import { failing, profile } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { hasS3, type S3Server, startS3Server } from '../support/s3.js'
import { runInput } from '../support/tasks.js'
import { ledger } from './fixtures/ledger.js'

// One slot: each spec has the process of the one before.
const pool = createPool({ slots: 1, worker: 'test' })
const limits = { ...fetchSettings({}), allow: ['loopback'] }
let store: Store

afterAll(() => pool.close())
beforeEach(async () => {
  const folder = await temporaryFolder()
  store = openStore(folder)
  vi.stubEnv('SCYTHE_STORAGE_FOLDER', folder)
  return () => vi.unstubAllEnvs()
})

const hostOf = (id: string): TaskHost => ({
  id,
  rootId: `root-of-${id}`,
  worker: 'test',
  signal: new AbortController().signal,
  window: 1,
  spawn() {
    throw new Error('A spec spawned a task.')
  },
  report() {},
})

function run(fn: (...args: never[]) => unknown, input: unknown, host = hostOf('task-1')) {
  const experiment = ExperimentRegistry.get(fn as never)
  const tasks = taskDefinitions(pool, { limits, experiments: [experiment] })
  return runInput(tasks, experiment.name, input, host) as Promise<Record<string, unknown>>
}

const rowsOf = async (from: Store, uri: unknown) =>
  collect(readRows(bytesSource(await from.get(from.keyOf(String(uri))!))))

const keysOf = async (from: Store, prefix = '') => (await collect(from.list(prefix))).map(({ key }) => key)

const day = { at: '2026-11-21T12:45:10.250Z', count: 3 }

describe('a standalone spec', () => {
  it('returns its output as JSON, and writes its tables and files to the store', async () => {
    const output = await run(profile, { base: 0.5, weights: [2] })
    const place = 'scythe_singles/scythe_experiment_profile/task-1'
    const report = `${place}/results/report/task-1.txt`
    const table = (name: string) => `${place}/results/task-dataframes/${name}/task-1.pq`
    expect(output).toEqual({
      total: 7.5,
      label: 'sum:0',
      report: store.uriOf(report),
      dataframes: {
        scalars: store.uriOf(table('scalars')),
        levels: store.uriOf(table('levels')),
        result_file_refs: store.uriOf(table('result_file_refs')),
      },
    })
    expect(JSON.parse(JSON.stringify(output))).toEqual(output)
    expect(await keysOf(store)).toEqual([report, table('levels'), table('result_file_refs'), table('scalars')])
    expect(Buffer.from(await store.get(report)).toString()).toBe('0: 0.5 2.5 4.5\n')
    const index = {
      experiment_id: place,
      sort_index: 0,
      workflow_run_id: 'task-1',
      root_workflow_run_id: 'root-of-task-1',
      base: 0.5,
    }
    const dataframes = output.dataframes as Record<string, string>
    expect(await rowsOf(store, dataframes.scalars)).toMatchObject([{ ...index, total: 7.5 }])
    expect(await rowsOf(store, dataframes.result_file_refs)).toMatchObject([{ ...index, report: output.report }])
    expect((await rowsOf(store, dataframes.levels)).map(({ level }) => level)).toEqual([0.5, 2.5, 4.5])
  })

  it('belongs to the run that it names, whose task ids count except its own', async () => {
    const output = await run(ledger, {
      ...day,
      experiment_id: 'study/v1.0.0/2026-11-21_12-45-10',
      sort_index: 41,
      workflow_run_id: 'someone',
      root_workflow_run_id: 'the-fan',
      storage_settings: null,
    })
    expect(output.place).toBe('study/v1.0.0/2026-11-21_12-45-10 41 task-1 the-fan')
    expect(await keysOf(store)).toEqual([
      'study/v1.0.0/2026-11-21_12-45-10/results/task-dataframes/result_file_refs/task-1.pq',
      'study/v1.0.0/2026-11-21_12-45-10/results/task-dataframes/scalars/task-1.pq',
    ])
  })

  it('keeps values without a JSON type, in both directions', async () => {
    const output = await run(ledger, {
      at: '2026-11-21T12:45:10.250Z',
      count: '9007199254740993',
      tags: ['a', 'b'],
      size: { width: 2, when: '2026-01-02' },
      note: null,
    })
    expect(output).toMatchObject({
      next: '2026-11-22T12:45:10.250Z',
      counts: ['9007199254740993', 7],
      box: { wide: true, at: '2026-01-02T00:00:00.000Z' },
      anything: { tags: ['a', 'b'], attempt: 1 },
      said: null,
      gap: null,
    })
    expect(output).not.toHaveProperty('missing')
    expect(output).not.toHaveProperty('copy')
  })

  it('is not mistaken for another spec of its run and row', async () => {
    const same = { experiment_id: 'study', sort_index: 5, root_workflow_run_id: 'root' }
    const twice = []
    for (const n of [1, 2]) twice.push((await run(failing, { ...same, n }, hostOf(`task-${n}`))).twice)
    expect(twice).toEqual([2, 4])
  })

  it('may have fields that the input does not have', async () => {
    expect(await run(failing, { n: 4, _trace: { a: 1 }, log: null })).toMatchObject({ twice: 8 })
  })

  it('has its input file fetched from the web', async () => {
    const server = createServer((_request, response) => response.end('from afar'))
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const source = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.txt`
    const output = await run(ledger, { ...day, source })
    expect(Buffer.from(await store.get(store.keyOf(output.copy as string)!)).toString()).toBe('from afar!')
    expect(await rowsOf(store, (output.dataframes as Record<string, string>).scalars)).toMatchObject([{ source }])
  })

  it('is retried as often as the experiment allows', async () => {
    expect(await run(ledger, { ...day, fate: 'throw at first' })).toMatchObject({ anything: { tags: [], attempt: 2 } })
  })
})

describe('a standalone spec without a result', () => {
  it('fails with the error that its function threw, and writes nothing to the store', async () => {
    const failure = run(ledger, { ...day, fate: 'throw' })
    await expect(failure).rejects.toMatchObject({
      code: 'SPEC_FAILED',
      message: 'the ink ran dry',
      experiment: 'scythe_experiment_ledger',
      attempts: 2,
      worker: 'test',
      stack: expect.stringMatching(/RangeError: the ink ran dry\n.*ledger\.ts/),
    })
    expect(await keysOf(store)).toEqual([])
  })

  it('fails if its output does not match the schema', async () => {
    await expect(run(ledger, { ...day, fate: 'nonsense' })).rejects.toMatchObject({ code: 'OUTPUT_INVALID' })
  })

  it('is rejected before it runs, with every invalid field', async () => {
    const failure = run(profile, { base: -1, mode: 'sun', sort_index: -2, source: pathToFileURL('/etc/hostname').href })
    await expect(failure).rejects.toMatchObject({ code: 'SPECS_INVALID', count: 1 })
    const { message, problems } = await failure.catch((error) => error)
    expect(problems.map(({ field }: { field: string }) => field)).toEqual(['sort_index', 'base', 'mode', 'source'])
    expect(message).toContain('(got "file:///etc/hostname")')
  })

  it('stops when its task is stopped', async () => {
    const stop = new AbortController()
    const failure = run(ledger, { ...day, fate: 'wait' }, { ...hostOf('task-1'), signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(failure).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe.skipIf(!(await hasS3('specs by themselves in S3')))('a standalone spec that names a bucket', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3Server()
    for (const [name, value] of Object.entries(server.env)) process.env[name] = value
    return () => server.stop()
  })

  it('has its files fetched from S3, and its results written where Python Scythe writes them', async () => {
    const bucket = openStore(`s3://${server.bucket}`)
    onTestFinished(() => bucket.close())
    await bucket.put('inputs/a.txt', 'ink')
    const runId = 'profile/v1.0.0/2026-11-21_12-45-18'
    const output = await run(ledger, {
      ...day,
      tags: ['x'],
      source: `s3://${server.bucket}/inputs/a.txt`,
      experiment_id: runId,
      sort_index: 2,
      storage_settings: { BUCKET: server.bucket, BUCKET_PREFIX: 'scythe' },
    })
    const results = `scythe/${runId}/results`
    expect(output.copy).toBe(`s3://${server.bucket}/${results}/copy/task-1.csv`)
    expect(Buffer.from(await bucket.get(`${results}/copy/task-1.csv`)).toString()).toBe('ink!')
    expect(await keysOf(bucket, 'scythe/')).toEqual([
      `${results}/copy/task-1.csv`,
      ...['result_file_refs', 'scalars', 'words'].map((name) => `${results}/task-dataframes/${name}/task-1.pq`),
    ])
    const { words } = output.dataframes as Record<string, string>
    // As of Python, the one row of a spec has no number.
    expect(await rowsOf(bucket, words)).toEqual([expect.not.objectContaining({ sort_subindex: 0 })])
    expect(await rowsOf(bucket, words)).toMatchObject([{ word: 'x', sort_index: 2 }])
    expect(await keysOf(store)).toEqual([])
  })
})
