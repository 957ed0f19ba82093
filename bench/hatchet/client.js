// node client.js <noop | nap> <warm-up specs> <specs …>: one line of JSON, for each count the seconds from allocating specs to
// the result.

import { performance } from 'node:perf_hooks'
import { BaseExperiment } from 'scythe-engine'
import { nap, noop } from './experiments.js'

/** A run whose worker or engine is gone would be waited for for ever. */
const LIMIT_MS = 600_000

const [kind, ...counts] = process.argv.slice(2)
const [warmUp, ...measured] = counts.map(Number)

const { runnable, specOf } = {
  noop: { runnable: noop, specOf: (n) => ({ x: n / 2, n, mode: n % 2 ? 'odd' : 'even' }) },
  nap: { runnable: nap, specOf: (n) => ({ n }) },
}[kind]
const experiment = new BaseExperiment({ runnable })

async function measure(count) {
  const specs = Array.from({ length: count }, (_, n) => specOf(n))
  const started = performance.now()
  const { run, ref } = await experiment.allocate(specs)
  const allocated = performance.now()
  const { results } = await ref.result()
  const seconds = (performance.now() - started) / 1000
  const complete = await hasAll(run, count)
  return { specs: count, complete, seconds, allocate: (allocated - started) / 1000, rate: results / seconds }
}

/** Whether the run's table holds each spec's row, in order. */
async function hasAll(run, count) {
  let rows = 0
  for await (const { k } of run.rows('scalars')) {
    if (Number(k) !== rows++) return false
  }
  return rows === count
}

setTimeout(() => {
  throw new Error(`There is no result after ${LIMIT_MS / 1000} s.`)
}, LIMIT_MS)
await measure(warmUp)
const figures = []
for (const count of measured) figures.push(await measure(count))
console.log(JSON.stringify(figures))
// An engine's client may keep its connection open for ever.
process.exit()
