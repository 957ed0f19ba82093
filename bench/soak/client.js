// node --expose-gc client.js <minutes>: one run after another in this process; a line of JSON with what it holds, every few seconds.
// Its experiments and its store are those of bench/hatchet.
import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { BaseExperiment } from 'scythe-engine'
import { noop } from '../hatchet/experiments.js'

const EVERY_MS = 5_000
/** Runs that follow at once would measure the machine, and keep it from anything else. */
const PAUSE_MS = 100

const until = performance.now() + Number(process.argv[2]) * 60_000
const folder = process.env.SCYTHE_STORAGE_FOLDER
const experiment = new BaseExperiment({ runnable: noop })

function held() {
  globalThis.gc()
  return {
    heap: process.memoryUsage().heapUsed,
    rss: process.memoryUsage.rss(),
    resources: process.getActiveResourcesInfo().length,
    descriptors: readdirSync('/proc/self/fd').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  }
}

let runs = 0
for (let next = 0; performance.now() < until; runs++) {
  const count = 50 + (runs % 10) * 50
  const specs = Array.from({ length: count }, (_, n) => ({ x: n / 2, n, mode: n % 2 ? 'odd' : 'even' }))
  const { run, ref } = await experiment.allocate(specs)
  const { results } = await ref.result()
  if (results !== count) throw new Error(`${run.id} has ${results} results of ${count}.`)
  // A store that fills up would slow down its lists.
  await rm(join(folder, run.id.split('/')[0]), { recursive: true, force: true })
  await sleep(PAUSE_MS)
  if (performance.now() < next) continue
  console.log(JSON.stringify({ runs: runs + 1, ...held() }))
  next = performance.now() + EVERY_MS
}
process.exit()
