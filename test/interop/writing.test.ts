import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type AllocateOptions, BaseExperiment, localEngine, openStore, type Store } from '../../src/index.js'
import { text } from '../store/objects.js'
import { collect } from '../support/collect.js'
import { hasPython } from '../support/python.js'
import { asWeWrite, comparable, type Frames, readFrames } from './frames.js'
import { GOLDEN, type GoldenName, goldenStore } from './golden.js'
import { addCounts, allocateGolden } from './golden-experiments.js'

const RUNS: readonly (readonly [GoldenName, AllocateOptions])[] = [
  ['points', {}],
  ['points', { batch: 5 }],
  ['recurse', { recursionMap: { factor: 3, maxDepth: 1 } }],
  ['errors', {}],
  ['profile', {}],
  ['single', {}],
]

describe.skipIf(!(await hasPython('tables beside those of Python Scythe')))('what we write', () => {
  const golden = goldenStore()
  let store: Store
  let ids: readonly string[]
  let ours: readonly Frames[]
  let theirs: readonly Frames[]
  let counts: Frames
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    store = openStore(folder)
    const engine = await localEngine({ slots: 2 })
    const started = [
      ...(await Promise.all(RUNS.map(([name, options]) => allocateGolden(name, store, { engine, ...options })))),
      await new BaseExperiment({ runnable: addCounts, store }).allocate(COUNTS, { engine }),
    ]
    await Promise.all(started.map(({ ref }) => ref.result()))
    ids = started.map(({ run }) => run.id)
    const frames = await readFrames([
      ...ids.map((id) => ({ store, id })),
      ...RUNS.map(([name]) => ({ store: golden, id: GOLDEN[name] })),
    ])
    ours = ids.map((id, i) => comparable(frames[i]!, id))
    theirs = RUNS.map(([name], i) => comparable(frames[ids.length + i]!, GOLDEN[name]))
    counts = frames[RUNS.length]!
    return async () => {
      await engine.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
  const numberOf = (name: GoldenName) => RUNS.findIndex(([other]) => other === name)

  it.each(RUNS.map(([name, options], i) => [name, options, i] as const))(
    'opens in pandas as what Python writes: %s, %o',
    (_name, _options, i) => {
      const { errors: _, ...tables } = ours[i]!
      expect(tables).toEqual(asWeWrite(theirs[i]!))
    },
  )

  it('has a row for a spec that failed, where Python has none, in a table of its own with the same index', () => {
    const { errors, scalars } = ours[numberOf('errors')]!
    const { index, index_dtypes } = scalars!
    expect(errors).toMatchObject({ index, index_dtypes })
    expect(errors!.rows).toHaveLength(1)
    expect(errors!.rows[0]).toMatchObject({ sort_index: 13, x: 13, error_message: '13 is refused' })
    expect(ours.filter((tables) => 'errors' in tables)).toHaveLength(1)
  })

  it('has the files that specs returned as Python has them', async () => {
    const i = numberOf('profile')
    const reports = async (from: Store, id: string) => {
      const keys = await collect(from.list(`${id}/results/report/`))
      return (await Promise.all(keys.map(async ({ key }) => text(await from.get(key))))).sort()
    }
    expect(await reports(store, ids[i]!)).toEqual(await reports(golden, GOLDEN.profile))
  })

  it('keeps an optional integer an integer where it is null', () => {
    expect(counts.specs).toMatchObject({
      columns: expect.arrayContaining(['first', 'second']),
      dtypes: ['object', 'int64', 'object', 'object', 'object', 'Int64', 'Int64'],
      rows: COUNTS.map(({ first, second = null }) => ({ first, second })),
    })
    expect(counts.scalars).toMatchObject({
      columns: ['sum'],
      dtypes: ['Int64'],
      index: ['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id', 'first', 'second'],
      // An index of pandas has no integers with nulls: it opens as floats, whoever wrote it.
      index_dtypes: ['object', 'int64', 'object', 'object', 'float64', 'float64'],
      rows: COUNTS.map(({ first, second = null }) => ({ first, second, sum: second && first && first + second })),
    })
  })
})

const COUNTS: readonly { first: number | null; second?: number }[] = [
  { first: 1, second: 2 },
  { first: null, second: 5 },
  { first: 2 ** 53 - 1 },
]
