import { expect, it, onTestFinished } from 'vitest'
import { BaseExperiment, localEngine } from '../../src/index.js'
import { names } from '../fixtures/names.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'

it('a run keeps fields named like object properties, keeps values as they were returned, and names undeclared fields', async () => {
  const engine = await localEngine({ slots: 1 })
  onTestFinished(() => engine.close())
  const specs = Array.from({ length: 12 }, (_, n) => ({
    n,
    ...(n % 2 ? { constructor: `c${n}` } : {}),
    tolerance: n % 3 ? n / 2 : ('auto' as const),
    scheme: n % 2,
  }))
  // What is handed in again and again, changed, is as it was when it was handed in.
  function* handedIn() {
    const spec: Record<string, unknown> = {}
    for (const next of specs) {
      Reflect.deleteProperty(spec, 'constructor')
      yield Object.assign(spec, next) as (typeof specs)[number]
    }
  }
  const options = { engine, batch: 3, recursionMap: { factor: 2, maxDepth: 1 } }
  const experiment = new BaseExperiment({ runnable: names, store: await temporaryFolder() })
  const { run, ref } = await experiment.allocate(handedIn(), options)
  const undeclared = ['tables.constructor.extra0', 'tables.constructor.extra1', 'tables.constructor.extra2', 'unsaid']
  expect(await ref.result()).toMatchObject({ results: 12, errors: 0, undeclared })
  expect(await (await run.resume({ engine })).result()).toMatchObject({ results: 12, undeclared })
  const scalars = await collect(run.rows('scalars'))
  expect(scalars).toMatchObject(
    specs.map(({ n, tolerance, scheme }) => {
      const given = n % 2 ? `c${n}` : null
      return {
        sort_index: n,
        n,
        tolerance,
        scheme,
        used: scheme,
        constructor: given,
        toString: given,
        state: { n },
        day: new Date(n),
      }
    }),
  )
  expect(await collect(run.rows('constructor'))).toMatchObject(specs.map(({ n }) => ({ sort_index: n, valueOf: n })))
  expect(await collect(run.rows('valueOf'))).toEqual([])
  await expect(collect(run.rows('toString'))).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
})

it('an invalid name of a run is rejected before anything is written', async () => {
  const store = await temporaryFolder()
  const named = (runName: string) => () => new BaseExperiment({ runnable: names, store, runName })
  for (const runName of [
    '..',
    'a/../b',
    '/a',
    'a/',
    'a//b',
    'a\\b',
    'a\nb',
    '\ud800',
    '',
    '.',
    ' a',
    '.unfinished',
    'ü'.repeat(101),
  ]) {
    expect(named(runName), runName).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', option: 'runName' }))
  }
  for (const runName of ['studies/tides', 'größe 1', 'constructor', '...', 'ü'.repeat(100)]) {
    expect(named(runName), runName).not.toThrow()
  }
})
