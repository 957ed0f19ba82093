import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/store/store.js'
import { drawScenario, type Scenario } from '../../tools/simulation/scenario.js'
import { simulate } from '../../tools/simulation/simulate.js'
import { kept } from './kept.js'

/** The rules that some seeds break, with the seed, so that a failure says how to repeat it. */
async function broken(seeds: readonly number[], change: (scenario: Scenario) => Scenario = (scenario) => scenario) {
  const all: string[] = []
  for (const seed of seeds) {
    const { broken } = await simulate(change(drawScenario(seed)))
    all.push(...broken.map((rule) => `scripts/run simulate --seed ${seed}: ${rule}`))
  }
  return all
}

async function brokenWith(seeds: readonly number[], spoil: (store: Store) => Store) {
  const all: string[] = []
  for (const seed of seeds) all.push(...(await simulate(seed, { spoil })).broken)
  return all
}

async function traceOf(seed: number): Promise<string[]> {
  const lines: string[] = []
  await simulate(seed, { trace: (time, who, what) => lines.push(`${time} ${who} ${what}`) })
  return lines
}

const seeds = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

describe('runs on a fake clock', () => {
  it('keep every rule, whatever befalls engine, workers and store', async () => {
    expect(await broken(seeds(1, 500))).toEqual([])
  })

  it('keep every rule with the seeds that ever broke one', async () => {
    expect(await broken(Object.keys(kept).map(Number))).toEqual([])
  })

  it('end on one worker that could not open the specs at first', async () => {
    const alone = (scenario: Scenario): Scenario => ({
      ...scenario,
      workers: 1,
      blows: [],
      calmAt: 20_000,
      store: { ...scenario.store, before: 0.2, after: 0.1 },
    })
    expect(await broken(seeds(1, 20), alone)).toEqual([])
  })

  it('give healthy specs no error where a fan runs twice at once, and one of the two fails', async () => {
    const twice = (scenario: Scenario): Scenario => ({
      ...scenario,
      workers: 3,
      specTime: 5_000,
      poison: [],
      calmAt: 60_000,
      engine: { ...scenario.engine, double: 1 },
      blows: seeds(1, 4).map((n) => ({ at: n * 3_000, kind: 'misload', for: 1 })),
    })
    expect(await broken(seeds(1, 20), twice)).toEqual([])
  })

  it('go the same way each time they are repeated', async () => {
    for (const seed of seeds(70, 5)) expect(await traceOf(seed)).toEqual(await traceOf(seed))
  })

  it('leave the clock of the process as it was', async () => {
    const [timeout, { random }, { now }] = [setTimeout, Math, Date]
    await simulate(1)
    expect([setTimeout, Math.random, Date.now]).toEqual([timeout, random, now])
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(60_000)
  })
})

describe('the rules of the simulation', () => {
  it('break where a write goes through though something is there', async () => {
    const rules = await brokenWith(seeds(1, 150), (store) => ({
      ...store,
      putIfAbsent: (key, body) => store.put(key, body).then(() => true),
    }))
    expect(rules).toContainEqual(expect.stringMatching(/^receipts\/.* was changed$/))
  })

  it('break where nothing is ever removed', async () => {
    const rules = await brokenWith(seeds(1, 150), (store) => ({ ...store, delete: async () => {} }))
    expect(rules).toContainEqual(expect.stringMatching(/^parts\/.* was left behind$/))
  })

  it('break where a row is taken from another attempt', async () => {
    const rules = await brokenWith(seeds(1, 150), (store) => ({
      ...store,
      // What was written first under this number, by whichever attempt.
      get: async (key) => store.get((await firstLike(store, key)) ?? key),
    }))
    expect(rules).toContainEqual(expect.stringMatching(/has a row of attempt \d+; its receipt names \d+$/))
  })

  it('break where a part is lost after it was named', async () => {
    const rules = await brokenWith(seeds(1, 5), (store) => ({
      ...store,
      async putIfAbsent(key, body) {
        const part = /receipts\//.test(key) && /parts\/[^"]+/.exec(body.toString())?.[0]
        const wrote = await store.putIfAbsent(key, body)
        if (part) await store.delete([key.replace(/receipts\/.*/, part)])
        return wrote
      },
    }))
    expect(rules).toContainEqual(expect.stringMatching(/was removed, and a receipt names it$/))
  })

  it('break where an engine never tells that a child came to nothing: a fan has nothing else to go by', async () => {
    const silent = (scenario: Scenario): Scenario => ({
      ...scenario,
      engine: { ...scenario.engine, silence: 1 },
    })
    expect(await broken([2], silent)).toContainEqual(expect.stringMatching(/has not ended hours after the last fault$/))
  })
})

/** The first part of the same range, table and number as this one. */
async function firstLike(store: Store, key: string): Promise<string | undefined> {
  const [, prefix, name] = /^(.*\/parts\/\d+-\d+)-[^/]+\/(scalars-.*)$/.exec(key) ?? []
  if (prefix === undefined) return undefined
  for await (const other of store.list(prefix)) if (other.key.endsWith(`/${name}`)) return other.key
  return undefined
}
