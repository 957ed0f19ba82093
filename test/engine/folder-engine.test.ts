import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { BaseExperiment, createPool, taskDefinitions } from '../../src/index.js'
import { failing } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { engineConformance } from './conformance.js'
import { createFolderEngine } from './folder-engine/engine.js'

// An engine as others write it: a package of its own, which knows this one by its exports alone.
let folder: string
engineConformance(
  'folder',
  async () => {
    folder = await temporaryFolder()
    return createFolderEngine(folder, { requeues: 2 })
  },
  {
    requeues: 2,
    async lostTask(engine) {
      const handle = await engine.submit({
        kind: 'fan',
        store: 'file:///nowhere',
        run: 'lost/v1.0.0/2026-01-01_00-00-00',
        experiment: 'lost',
        labels: {},
        start: 0,
        end: 1,
        depth: 0,
      })
      rmSync(join(folder, 'tasks', handle.id))
      return handle
    },
  },
)

it('an engine outside the package uses only exports of the package', () => {
  const place = join(import.meta.dirname, 'folder-engine')
  const sources = readdirSync(place).filter((name) => name.endsWith('.ts'))
  const imports = sources.flatMap((name) =>
    [...readFileSync(join(place, name), 'utf8').matchAll(/from '(.+)'/g)].map(([, from]) => from!),
  )
  expect(new Set(imports.filter((from) => !/^(node:|\.\/)/.test(from)))).toEqual(new Set(['scythe-engine']))
})

it('an engine of another package runs all specs of a run while a worker shuts down', async () => {
  const [store, tasks] = [await temporaryFolder(), join(await temporaryFolder(), 'tasks')]
  mkdirSync(tasks)
  const engine = createFolderEngine(tasks)
  const pools = ['first', 'second'].map((worker) => createPool({ slots: 1, worker }))
  onTestFinished(async () => {
    await engine.close()
    await Promise.all(pools.map((pool) => pool.close()))
  })
  const serve = (index: number, name: string) =>
    engine.serve(taskDefinitions(pools[index]!), { name, slots: 1, labels: {} })
  const first = await serve(0, 'first')
  let begin: () => void
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const specs = Array.from({ length: 120 }, (_, n) => ({ n, ms: 2, ...(n === 70 && { fate: 'throw' as const }) }))
  const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(specs, {
    engine,
    batch: 10,
    onProgress: ({ done }) => done > 10 && begin(),
  })
  const result = ref.result()
  await begun
  await serve(1, 'second')
  await first.close({ drain: 0 })
  expect(await result).toMatchObject({ specs: 120, results: 119, errors: 1 })
  expect((await collect(run.rows('scalars'))).map(({ sort_index }) => sort_index)).toEqual(
    specs.flatMap(({ n }) => (n === 70 ? [] : [n])),
  )
  expect(await collect(run.errors())).toMatchObject([{ sort_index: 70, error_code: 'SPEC_FAILED' }])
})
