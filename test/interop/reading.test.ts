import { beforeAll, describe, expect, it } from 'vitest'
import { BaseExperiment, listBases, listRuns, localEngine, openRun, openStore, type Store } from '../../src/index.js'
import { openObjectTable } from '../../src/scatter/run-folder.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import { failing, profile } from '../fixtures/experiments.js'
import { text } from '../store/objects.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { hasS3, startS3Server } from '../support/s3.js'
import { copyObjects, GOLDEN, type GoldenName, goldenStore } from './golden.js'

const WIRE = ['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id']
const POINT = [...WIRE, 'x', 'n', 'mode', 'flag', 'note']
const PROFILE = [...WIRE, 'base', 'steps', 'table']

interface Expected {
  readonly specs: number
  readonly missing?: readonly number[]
  readonly experiment: string
  /** Rows and index of every final table. */
  readonly tables: Readonly<Record<string, readonly [number, readonly string[]]>>
}

const point = 'scythe_experiment_combine_point'
const EXPECTED: Record<GoldenName, Expected> = {
  points: { specs: 12, experiment: point, tables: { scalars: [12, POINT] } },
  errors: { specs: 16, missing: [13], experiment: point, tables: { scalars: [15, POINT] } },
  recurse: { specs: 30, experiment: point, tables: { scalars: [30, POINT] } },
  profile: {
    specs: 6,
    experiment: 'scythe_experiment_make_profile',
    tables: { profile: [18, []], result_file_refs: [6, PROFILE], scalars: [6, PROFILE] },
  },
  single: {
    specs: 1,
    experiment: 'scythe_experiment_make_profile',
    tables: { profile: [2, []], result_file_refs: [1, PROFILE], scalars: [1, PROFILE] },
  },
}
const NAMES = Object.keys(GOLDEN) as GoldenName[]

const canServe = await hasS3('runs of Python Scythe in S3')

function readsGoldenRuns(makeStore: () => Promise<Store>) {
  let store: Store
  beforeAll(async () => {
    store = await makeStore()
    return () => store.close()
  })

  it('lists them all', async () => {
    expect(await listBases(store)).toEqual([...NAMES].sort())
    for (const name of NAMES) {
      expect(await listRuns(store, name)).toMatchObject([{ id: GOLDEN[name], base: name, complete: true }])
    }
  })

  it.each(NAMES)('opens %s: version, manifest, schemas, specs, and every table with its index', async (name) => {
    const { specs, missing = [], experiment, tables } = EXPECTED[name]
    const base = new BaseExperiment({ runnable: profile, runName: name, store })
    expect(await base.listVersions()).toEqual([GOLDEN[name].split('/')[1]])
    const run = (await base.latestRun())!
    expect(run).toMatchObject({
      id: GOLDEN[name],
      uri: store.uriOf(GOLDEN[name]),
      manifest: { experiment_id: GOLDEN[name], experiment_name: experiment },
    })
    const results = specs - missing.length
    expect(await run.status()).toEqual({
      specs,
      results,
      errors: 0,
      open: missing.length,
      ...(missing.length > 0 ? { state: 'open', missing } : { state: 'done' }),
      writtenBy: 'python',
    })
    expect(await run.ioSpec()).toMatchObject({ title: 'ExperimentIO', required: ['input', 'output'] })
    expect((await collect(run.specs())).map(({ sort_index }) => sort_index)).toEqual([...Array(specs).keys()])

    const found = await base.latestResults()
    expect(found).toEqual(
      Object.fromEntries(
        Object.entries(tables).map(([table, [rows]]) => [
          table,
          { rows, uri: store.uriOf(`${GOLDEN[name]}/final/${table}.pq`) },
        ]),
      ),
    )
    for (const [table, [rows, index]] of Object.entries(tables)) {
      expect(await collect(run.rows(table))).toHaveLength(rows)
      const [, { schema }] = await openObjectTable(scopedStore(store, GOLDEN[name]), `final/${table}.pq`)
      expect(schema.index).toEqual(index)
    }
    expect(await collect(run.errors())).toEqual([])
  })

  it.each(['points', 'errors', 'recurse'] as const)('reads the values of %s, each beside its spec', async (name) => {
    const run = await openRun(store, GOLDEN[name])
    const specs = await collect(run.specs())
    const rows = await collect(run.rows('scalars'))
    for (const { value, label, sort_index, ...row } of rows) {
      const spec = specs[sort_index as number]!
      const { x, n, mode, flag, note } = spec as { x: number; n: number } & Record<string, unknown>
      expect(row).toMatchObject({ experiment_id: GOLDEN[name], x, n, mode, flag, note })
      expect({ value, label }).toEqual({ value: mode === 'sum' ? x + n : x * n, label: `${mode}:${sort_index}` })
    }
    const indexes = rows.map(({ sort_index }) => sort_index as number)
    expect(new Set(indexes).size).toBe(rows.length)
  })

  it('finds the files that tables name in the folder of the run, wherever it was written', async () => {
    const run = await openRun(store, GOLDEN.profile)
    for await (const { report, table } of run.rows('result_file_refs')) {
      for (const address of [report, table] as string[]) {
        expect(address).toMatch(/^s3:\/\/scythe-test\/scythe\//)
        const uri = await run.locate(address)
        expect(uri).toBe(address.replace('s3://scythe-test/scythe', store.uri))
        expect(text(await store.get(store.keyOf(uri)!))).not.toBe('')
      }
    }
    for (const address of [
      `${run.manifest.specs_uri}.gone`,
      's3://scythe-test/scythe/elsewhere/specs.pq',
      run.manifest.specs_uri.replace('specs.pq', '../specs.pq'),
      'https://example.org/specs.pq',
      'specs.pq',
    ]) {
      expect(await run.locate(address)).toBe(address)
    }
  })
}

describe('runs of Python Scythe in a folder', () => readsGoldenRuns(async () => goldenStore()))

describe.skipIf(!canServe)('runs of Python Scythe in S3, in another bucket under another prefix', () => {
  readsGoldenRuns(async () => {
    const server = await startS3Server()
    Object.assign(process.env, server.env)
    const store = openStore(`s3://${server.bucket}/moved/twice`)
    await copyObjects(goldenStore(), store)
    return { ...store, close: () => store.close().then(server.stop) }
  })
})

describe('a store with runs of both kinds', () => {
  it('lists and opens both, and takes the next version after Python’s', async () => {
    const store = openStore(await temporaryFolder())
    await copyObjects(goldenStore(), store, `${GOLDEN.points}/`)
    const experiment = new BaseExperiment({ runnable: failing, runName: 'points', store })
    const python = (await experiment.latestRun())!
    const engine = await localEngine({ slots: 1 })
    const { run: ours, ref } = await experiment.allocate([{ n: 1 }, { n: 2 }], { engine })
    await ref.result()
    await engine.close()

    expect(ours.id).toMatch(/^points\/v3\.0\.0\//)
    expect((await listRuns(store, 'points')).map(({ id }) => id)).toEqual([python.id, ours.id])
    expect(await experiment.listVersions()).toEqual(['v2.0.0', 'v3.0.0'])
    expect((await experiment.latestRun())!.id).toBe(ours.id)
    expect((await experiment.latestRun('v2-0-0'))!.id).toBe(python.id)
    expect(await ours.status()).toMatchObject({ specs: 2, open: 0, state: 'done', writtenBy: 'typescript' })
    expect(await collect(ours.specs())).toMatchObject([
      { sort_index: 0, n: 1 },
      { sort_index: 1, n: 2 },
    ])
    expect(await ours.ioSpec()).toMatchObject({ title: 'ExperimentIO' })
    expect(await python.status()).toMatchObject({ specs: 12, open: 0, state: 'done', writtenBy: 'python' })
    await expect(python.resume()).rejects.toMatchObject({
      code: 'RUN_NOT_RESUMABLE',
      run: python.id,
      message: expect.stringMatching(/status\(\) names them, specs\(\) has them/),
    })
  })

  it('has the runs of v1.0.0 and v1-0-0 as runs of one version', async () => {
    const store = openStore(await temporaryFolder())
    const from = `${GOLDEN.single}/`
    const ids = [
      'v1-0-0/2026-11-23_00-00-00',
      'v1.0.0/2026-11-22_00-00-00',
      'v1.0.0/2026-11-24_00-00-00',
      'v0.9.0/2026-12-01_00-00-00',
    ]
    for (const id of ids) await copyObjects(goldenStore(), store, from, `copied/${id}/`)
    const experiment = new BaseExperiment({ runnable: failing, runName: 'copied', store })
    expect(await experiment.listVersions()).toEqual(['v0.9.0', 'v1.0.0'])
    expect((await listRuns(store, 'copied')).map(({ id }) => id)).toEqual(
      [ids[3], ids[1], ids[0], ids[2]].map((id) => `copied/${id}`),
    )
    const renamed = await openRun(store, `copied/${ids[0]}`)
    expect(await renamed.status()).toMatchObject({ specs: 1, state: 'done' })
    const [refs] = await collect(renamed.rows('result_file_refs'))
    expect(await renamed.locate(refs!.report as string)).toMatch(/\/copied\/v1-0-0\/.*\/results\/report\//)
  })
})
