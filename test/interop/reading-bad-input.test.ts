import { describe, expect, it } from 'vitest'
import { BaseExperiment, listBases, listRuns, openRun, openStore, type Store } from '../../src/index.js'
import { scythe } from '../cli/scythe.js'
import { failing } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { copyObjects, GOLDEN, goldenStore } from './golden.js'

/** Takes away what pandas left in a table: to be found, the entry needs its name. */
function withoutPandas(table: Uint8Array): Uint8Array {
  const bytes = Buffer.from(table)
  const at = bytes.indexOf(Buffer.from('\x06pandas'))
  expect(at).toBeGreaterThan(0)
  bytes.write('pandaz', at + 1)
  return bytes
}

/** Ways in which a run can be damaged, the object that is, and what cannot be read then. */
const DAMAGES = {
  'a truncated table': {
    object: 'final/scalars.pq',
    damage: async (store: Store, key: string) => store.put(key, (await store.get(key)).subarray(0, 2000)),
    says: /do not end as those of a Parquet file/,
  },
  'an empty table': {
    object: 'final/scalars.pq',
    damage: (store: Store, key: string) => store.put(key, ''),
    says: /0 bytes/,
  },
  'a table without pandas metadata': {
    object: 'final/scalars.pq',
    damage: async (store: Store, key: string) => store.put(key, withoutPandas(await store.get(key))),
    says: /no pandas metadata/,
  },
  'truncated specs': {
    object: 'specs.pq',
    damage: async (store: Store, key: string) => store.put(key, (await store.get(key)).subarray(0, 2000)),
    says: /do not end as those of a Parquet file/,
  },
  'a manifest that names specs that are not there': {
    object: 'specs.pq',
    damage: (store: Store, key: string) => store.delete([key]),
    says: /not there/,
  },
  'a manifest that lacks fields': {
    object: 'manifest.yml',
    damage: (store: Store, key: string) => store.put(key, 'experiment_id: points\n'),
    says: /specs_uri/,
  },
  'a manifest that is no YAML': {
    object: 'manifest.yml',
    damage: (store: Store, key: string) => store.put(key, 'a: [1'),
    says: /YAML/,
  },
}
const CASES = Object.entries(DAMAGES).map(([what, damage]) => ({ what, ...damage }))

async function damaged({ object, damage }: (typeof CASES)[number]): Promise<Store> {
  const store = openStore(await temporaryFolder())
  await copyObjects(goldenStore(), store, `${GOLDEN.profile}/`)
  await damage(store, `${GOLDEN.profile}/${object}`)
  return store
}

describe('a run of Python Scythe with', () => {
  it.each(CASES)('$what says so, and names the object', async (broken) => {
    const store = await damaged(broken)
    const uri = store.uriOf(`${GOLDEN.profile}/${broken.object}`)
    const says = { code: 'RUN_OBJECT_INVALID', uri, message: expect.stringMatching(broken.says) }
    const opening = openRun(store, GOLDEN.profile)
    if (broken.object === 'manifest.yml') return expect(opening).rejects.toMatchObject(says)
    const run = await opening
    await expect(run.status()).rejects.toMatchObject(says)
    if (broken.object === 'specs.pq') await expect(collect(run.specs())).rejects.toMatchObject(says)
    else {
      await expect(run.results()).rejects.toMatchObject(says)
      await expect(collect(run.rows('scalars'))).rejects.toMatchObject(says)
    }
    // What is whole can be read.
    expect(await collect(run.rows('profile'))).toHaveLength(18)
  })

  it('a manifest that names an io spec that is not there says so', async () => {
    const store = await damaged({
      ...CASES[0]!,
      object: 'experiment_io_spec.yml',
      damage: (store, key) => store.delete([key]),
    })
    const run = await openRun(store, GOLDEN.profile)
    await expect(run.ioSpec()).rejects.toMatchObject({
      code: 'RUN_OBJECT_INVALID',
      uri: store.uriOf(`${run.id}/experiment_io_spec.yml`),
    })
    expect(await run.status()).toMatchObject({ state: 'done' })
  })

  it('damage inside a table says which column of which object it is in', async () => {
    const store = await damaged({
      ...CASES[0]!,
      damage: async (store, key) => {
        const bytes = Buffer.from(await store.get(key))
        await store.put(key, bytes.fill(0xff, 4, 200))
      },
    })
    const run = await openRun(store, GOLDEN.profile)
    await expect(collect(run.rows('scalars'))).rejects.toMatchObject({
      code: 'RUN_OBJECT_INVALID',
      uri: store.uriOf(`${run.id}/final/scalars.pq`),
      message: expect.stringMatching(/column total/),
    })
  })
})

describe('a folder that is no version', () => {
  it('is passed over where runs are listed, and is no run', async () => {
    const store = openStore(await temporaryFolder())
    await copyObjects(goldenStore(), store, `${GOLDEN.points}/`)
    await store.put('points/notes/2026-11-21_12-44-15/readme.txt', 'not a run')
    await store.put('points/v2.0.0/plots/a.png', 'not a run either')
    await store.put('scythe_singles/points/v1.0.0/results/a.txt', 'of a spec that came by itself')
    expect(await listBases(store)).toEqual(['points'])
    expect((await listRuns(store, 'points')).map(({ id }) => id)).toEqual([GOLDEN.points])
    const experiment = new BaseExperiment({ runnable: failing, runName: 'points', store })
    expect(await experiment.listVersions()).toEqual(['v2.0.0'])
    for (const run of ['points/notes/2026-11-21_12-44-15', 'points/v2.0.0/plots']) {
      await expect(openRun(store, run)).rejects.toMatchObject({ code: 'RUN_ID_INVALID', run })
    }
    await expect(experiment.latestRun('notes')).rejects.toMatchObject({ code: 'VERSION_INVALID', version: 'notes' })
  })
})

describe('the command line', () => {
  it('lists runs of Python Scythe with what is missing, those that are damaged, and all the rest', async () => {
    const folder = await temporaryFolder()
    const store = openStore(folder)
    await copyObjects(goldenStore(), store)
    await store.put('points/notes/readme.txt', 'no version')
    const ids = CASES.map((_, day) => `damaged/v1.0.0/2025-01-0${day + 1}_00-00-00`)
    for (const [i, { object, damage }] of CASES.entries()) {
      await copyObjects(goldenStore(), store, `${GOLDEN.points}/`, `${ids[i]}/`)
      await damage(store, `${ids[i]}/${object}`)
    }
    const { code, stdout } = await scythe(folder, ['list', '--store', folder, '--json'])
    expect(code).toBe(0)
    const { runs } = JSON.parse(stdout)
    const unreadable = CASES.map(({ object, says }, i) => ({
      run: ids[i],
      specs: null,
      state: 'unreadable',
      problem: expect.stringMatching(new RegExp(`${ids[i]}/${object}.*${says.source}`, 's')),
    }))
    const done = (run: string, specs: number) => ({ run, specs, results: specs, state: 'done', writtenBy: 'python' })
    expect(runs).toMatchObject([
      ...unreadable,
      done(GOLDEN.points, 12),
      { run: GOLDEN.errors, specs: 16, results: 15, open: 1, state: 'open', writtenBy: 'python', missing: [13] },
      done(GOLDEN.recurse, 30),
      done(GOLDEN.profile, 6),
      done(GOLDEN.single, 1),
    ])
    const table = await scythe(folder, ['list', '--store', folder])
    expect(table.stdout).toMatch(/^errors\/v1\.0\.0\/2026-11-21_12-45-10 +16 +15 +0 +1 +open +python$/m)
    expect(table.stdout).toMatch(/^file:.*final\/scalars\.pq cannot be read: .*Parquet/m)
  })

  it('shows, exports and refuses to resume a run of Python Scythe', async () => {
    const folder = await temporaryFolder()
    await copyObjects(goldenStore(), openStore(folder))
    const run = (...words: string[]) => scythe(folder, [...words, '--store', folder])
    const status = await run('status', GOLDEN.errors)
    expect(status.stdout).toMatch(/15 results, 0 errors and 1 open of 16 specs/)
    expect(status.stdout).toMatch(/^Python Scythe wrote it\.\nNo error says why these specs have no result: 13$/m)
    expect(status.stdout).toMatch(/scalars +15/)
    expect(JSON.parse((await run('status', 'errors/v1.0.0/2026-11-21_12-45-10', '--json')).stdout)).toMatchObject({
      results: 15,
      open: 1,
      missing: [13],
      writtenBy: 'python',
      tables: { scalars: { rows: 15 } },
    })
    const results = await run('results', GOLDEN.profile, '--table', 'result_file_refs')
    expect(results.stdout).toMatch(/^sort_index,base,steps,table,report,experiment_id,/)
    expect(results.stdout.trim().split('\n')).toHaveLength(7)
    expect(await run('errors', GOLDEN.errors)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/no result: 13$/m),
    })
    const resumed = await run('resume', GOLDEN.errors, '--json')
    expect(resumed.code).toBe(2)
    expect(JSON.parse(resumed.stdout)).toMatchObject({ error: { code: 'RUN_NOT_RESUMABLE' } })
  })
})
