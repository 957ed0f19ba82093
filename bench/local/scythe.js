// node scythe.js <noop | generator | burn> <specs> <slots>: one line of JSON with the seconds from specs to final table.

import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { BaseExperiment, localEngine } from 'scythe-engine'
import { burn, noop } from './noop.js'

const [kind, count, slots] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? 2)]
const folder = mkdtempSync(join(tmpdir(), 'scythe-bench-'))

const noopSpec = (n) => ({ x: n / 2, n, mode: n % 2 ? 'odd' : 'even' })

async function* generate() {
  for (let n = 0; n < count; n++) yield noopSpec(n)
}

const specs = {
  noop: () => Array.from({ length: count }, (_, n) => noopSpec(n)),
  generator: generate,
  burn: () => Array.from({ length: count }, (_, n) => ({ n })),
}[kind]()

const started = performance.now()
const engine = await localEngine({ slots })
const experiment = new BaseExperiment({ runnable: kind === 'burn' ? burn : noop, store: folder })
const { ref } = await experiment.allocate(specs, { engine })
const allocated = performance.now()
const { results, errors } = await ref.result()
const seconds = (performance.now() - started) / 1000
await engine.close()
await rm(folder, { recursive: true })
console.log(
  JSON.stringify({ results, errors, seconds, allocate: (allocated - started) / 1000, rate: results / seconds }),
)
