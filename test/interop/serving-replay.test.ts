import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Executor } from '../../src/execute/executor.js'
import { PYTHON_FAN } from '../../src/experiment/names.js'
import { openStore, type Store } from '../../src/index.js'
import type { PythonFanResult } from '../../src/python/fan/input.js'
import { pythonFanTask } from '../../src/python/fan/task.js'
import type { SingleTask, TaskHost } from '../../src/scatter/task.js'
import { taskDefinitions } from '../../src/scatter/task-definitions.js'
import { openTable } from '../../src/table/file.js'
import { readRows } from '../../src/table/rows.js'
import { bytesSource } from '../../src/table/source.js'
import { encodeTable } from '../../src/table/writer.js'
import { collect } from '../support/collect.js'
import { hasS3, type S3Server, startS3Server } from '../support/s3.js'
import { endOfWork, runInput } from '../support/tasks.js'
import { copyObjects, GOLDEN, goldenStore } from './golden.js'

const OTHER = 'recurse/v1.0.0/2026-11-21_12-45-15'
const SPECS = 30

/** The rows are golden; there is no engine, and the tables are where leaves would have left them. */
describe.skipIf(!(await hasS3('a fan for Python Scythe that is run again')))('a fan for Python Scythe', () => {
  let s3: S3Server
  let store: Store
  const tasks = taskDefinitions({} as Executor, { others: [pythonFanTask] })
  const runFan = (input: object, host: TaskHost) => runInput(tasks, PYTHON_FAN, input, host) as Promise<PythonFanResult>
  /** Where the leaf of each spec left its table. */
  const frames = new Map<number, string>()

  beforeAll(async () => {
    s3 = await startS3Server()
    for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value)
    store = openStore(`s3://${s3.bucket}/scythe`)
    await copyObjects(goldenStore(), store, 'recurse/')
    await copyObjects(goldenStore(), store, `${GOLDEN.recurse}/specs.pq`, `${OTHER}/specs.pq`)
    const bytes = await store.get(`${GOLDEN.recurse}/final/scalars.pq`)
    const { schema } = await openTable(bytesSource(bytes))
    for await (const row of readRows(bytesSource(bytes))) {
      const key = `${GOLDEN.recurse}/results/task-dataframes/scalars/leaf-${row.sort_index}.pq`
      const data = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]]))
      await store.put(key, encodeTable(schema, data, 1))
      frames.set(row.sort_index as number, store.uriOf(key))
    }
    expect(frames.size).toBe(SPECS)
  })
  afterAll(async () => {
    await store?.close()
    await s3?.stop()
    vi.unstubAllEnvs()
  })

  const inputOf = (run: string, path: object[] | null = null) => ({
    experiment_id: run,
    task_name: 'scythe_experiment_combine_point',
    specs_uri: store.uriOf(`${run}/specs.pq`),
    storage_settings: { BUCKET: s3.bucket, BUCKET_PREFIX: 'scythe' },
    recursion_map: { path, factor: 3, max_depth: 1 },
    save_errors: false,
  })

  type Answer = (task: SingleTask) => Promise<unknown>
  const fine: Answer = async ({ input }) => ({
    value: 1,
    dataframes: { scalars: frames.get(input.sort_index as number) },
  })

  function hostOf(id: string, answer: Answer, spawned: SingleTask[] = []): TaskHost {
    return {
      id,
      rootId: id,
      worker: 'test',
      signal: new AbortController().signal,
      window: 4,
      spawn(task) {
        spawned.push(task as SingleTask)
        return {
          started: async () => {},
          done: endOfWork(() => answer(task as SingleTask), `leaf-${task.start}`),
          cancel: async () => {},
        }
      },
      report() {},
    }
  }

  const rowsAt = async (uri: string) => {
    const bytes = await store.get(store.keyOf(uri)!)
    const { schema } = await openTable(bytesSource(bytes))
    return { rows: await collect(readRows(bytesSource(bytes))), index: schema.index }
  }

  it('that is run again runs no spec again that has a receipt, and gives the same', async () => {
    const first: SingleTask[] = []
    const failing: Answer = async (task) => {
      if (task.start < 20) return fine(task)
      throw Object.assign(new Error('this worker cannot'), { code: 'STORE_UNUSABLE' })
    }
    await expect(runFan(inputOf(GOLDEN.recurse), hostOf('root', failing, first))).rejects.toMatchObject({
      code: 'NODE_FAILED',
    })
    const again: SingleTask[] = []
    const { uris } = await runFan(inputOf(GOLDEN.recurse), hostOf('root', fine, again))
    expect(again.length).toBeGreaterThan(0)
    expect(again.every(({ start }) => start >= 12)).toBe(true)
    expect(uris).toEqual({ scalars: store.uriOf(`${GOLDEN.recurse}/final/scalars.pq`) })
    const { rows, index } = await rowsAt(uris.scalars!)
    expect(rows.map(({ sort_index }) => sort_index)).toEqual([...Array(SPECS).keys()])
    expect(index.slice(0, 4)).toEqual(['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id'])

    const third: SingleTask[] = []
    await runFan(inputOf(GOLDEN.recurse), hostOf('root', fine, third))
    expect(third).toEqual([])
    expect((await rowsAt(uris.scalars!)).rows).toEqual(rows)
  })

  it('sends each spec as Python does, and a branch hands on whose run it is', async () => {
    const spawned: SingleTask[] = []
    const path = [{ factor: 3, offset: 1 }]
    const { uris } = await runFan(inputOf(OTHER, path), hostOf('branch', fine, spawned))
    expect(spawned).toHaveLength(SPECS)
    expect(spawned[0]).toMatchObject({ kind: 'single', experiment: 'scythe_experiment_combine_point', labels: {} })
    expect(spawned[0]!.input).toMatchObject({
      experiment_id: expect.any(String),
      workflow_run_id: null,
      storage_settings: { BUCKET: s3.bucket, BUCKET_PREFIX: 'scythe' },
    })
    expect(uris).toEqual({ scalars: store.uriOf(`${OTHER}/scatter-gather/output/recurse/1/branch/scalars.pq`) })
  })

  let runs = 20
  it.each([
    ['{}', {}],
    ['null', null],
    ['no dataframes', { value: 1 }],
    ['a table that is not there', { dataframes: { scalars: 's3://scythe/scythe/nowhere.pq' } }],
    [
      'a table that is none',
      { dataframes: { scalars: 's3://scythe/scythe/recurse/v1.0.0/2026-11-21_12-45-14/manifest.yml' } },
    ],
  ])('takes %s for no result: the spec is a row of errors', async (_, output) => {
    const run = `${OTHER.slice(0, -2)}${runs++}`
    await store.copy(`${OTHER}/specs.pq`, `${run}/specs.pq`)
    const answer: Answer = async (task) => (task.start === 7 ? output : fine(task))
    const { uris } = await runFan(inputOf(run), hostOf('root', answer))
    expect(Object.keys(uris).sort()).toEqual(['errors', 'scalars'])
    expect((await rowsAt(uris.scalars!)).rows).toHaveLength(SPECS - 1)
    const { rows, index } = await rowsAt(uris.errors!)
    expect(rows).toMatchObject([{ sort_index: 7, workflow_run_id: 'leaf-7', error_code: 'OUTPUT_INVALID' }])
    expect(index).toEqual(expect.arrayContaining(['sort_index', 'x', 'mode']))
  })
})
