// scripts/run bench hatchet [--large]: no-op specs and specs that sleep, through a Hatchet engine and an S3 server of their own,
// against Python Scythe on the same two; with --large 100,000 specs, and what they take of the worker's memory.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startHatchet } from '../tools/engine/hatchet.js'
import { python } from '../tools/python/environment.js'
import { startPythonWorker } from '../tools/python/worker.js'
import { startS3Server } from '../tools/s3/server.js'
import type { WorkerProcess } from '../tools/worker.js'
import { startScytheWorker } from './hatchet/worker.js'
import { measure } from './support/measure.js'

interface Figures {
  readonly specs: number
  readonly complete: boolean
  readonly seconds: number
  readonly rate: number
}

type Kind = 'noop' | 'nap'

const SLOTS = 16
/** Enough to have every slot's process started. */
const WARM_UP = 2 * SLOTS
const NAPS = 64
/** What takes a second is at the mercy of all else on the machine. */
const RUNS = 5
const here = (name: string) => fileURLToPath(new URL(`hatchet/${name}`, import.meta.url))

const { values: options } = parseArgs({ options: { large: { type: 'boolean', default: false } } })
const [engine, s3] = [await startHatchet(), await startS3Server()]
Object.assign(process.env, engine.env, s3.env, {
  AWS_DEFAULT_REGION: s3.env.AWS_REGION,
  SCYTHE_ENGINE: 'hatchet',
  SCYTHE_STORAGE_BUCKET: s3.bucket,
  SCYTHE_WORKER_SLOTS: `${SLOTS}`,
})
try {
  const theirs = await measurePython()
  await measureScythe(theirs)
} finally {
  await Promise.all([engine.stop(), s3.stop()])
}

async function measurePython() {
  const worker = await startPythonWorker(engine, here('python/experiments.py'), {
    name: 'python',
    env: process.env,
    purpose: 'bench',
  })
  const client = async (kind: Kind, specs: number) => {
    const args = [here('python/client.py'), kind, `${WARM_UP}`, `${specs}`]
    const { figures } = await measure<Figures>(await python('bench'), args)
    return report('Python Scythe 1.2.0', kind, [figures])
  }
  try {
    return { noop: await client('noop', 1_000), nap: await client('nap', NAPS) }
  } finally {
    await worker.stop()
  }
}

async function measureScythe(theirs: Readonly<Record<Kind, number>>) {
  const worker = await startScytheWorker(engine, here('experiments.js'), { name: 'scythe', env: process.env })
  const client = async (kind: Kind, specs: number, runs = 1) => {
    const args = [here('client.js'), kind, `${WARM_UP}`, ...new Array<string>(runs).fill(`${specs}`)]
    const { figures } = await measure<Figures[]>(process.execPath, args)
    return report('scythe', kind, figures)
  }
  try {
    const few = await client('noop', 1_000, RUNS)
    console.log(`  ${times(few, theirs.noop)} Python's rate`)
    const many = await client('noop', 10_000, RUNS)
    console.log(`  ${times(many, theirs.noop)} Python's rate, ${times(many, few)} that of 1,000`)
    const naps = await client('nap', NAPS)
    console.log(`  ${times(naps, theirs.nap)} Python's rate`)
    await reportMemory(worker)
    if (!options.large) return
    const large = await client('noop', 100_000)
    console.log(`  ${times(large, theirs.noop)} Python's rate, ${times(large, many)} that of 10,000`)
    await reportMemory(worker)
  } finally {
    await worker.stop()
  }
}

/** Prints the median of the runs, and gives its rate. */
function report(whose: string, kind: Kind, runs: readonly Figures[]): number {
  const { specs, seconds, rate } = [...runs].sort((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]!
  const complete = runs.every((run) => run.complete)
  const what = kind === 'noop' ? 'no-op specs' : 'specs of 2 s'
  console.log(
    `${whose}, ${specs.toLocaleString('en')} ${what}, ${SLOTS} slots: ${seconds.toFixed(2)} s, ` +
      `${rate.toLocaleString('en', { maximumSignificantDigits: 4 })} a second, ${complete ? 'all' : 'NOT ALL'} rows there` +
      (runs.length > 1 ? ` (median of ${runs.length} runs)` : ''),
  )
  if (!complete) process.exitCode = 1
  return rate
}

async function reportMemory(worker: WorkerProcess) {
  const mb = Math.round((await worker.peakBytes()) / 1e6)
  console.log(`  the worker's main process, fan and leaves, has held at most ${mb} MB so far`)
}

function times(a: number, b: number) {
  return `${(a / b).toFixed(a < 10 * b ? 2 : 1)} times`
}
