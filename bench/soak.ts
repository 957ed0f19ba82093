// scripts/run bench soak [--minutes m] [--engine local|hatchet]: one run after another in one process, and whether what it holds grows:
// heap, resident memory, resources of the event loop, descriptors, listeners. Ends with 1 if something does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startHatchet } from '../tools/engine/hatchet.js'
import { startScytheWorker } from './hatchet/worker.js'
import { temporaryFolder } from './support/folder.js'

type Held = Readonly<Record<'runs' | 'heap' | 'rss' | 'resources' | 'descriptors' | 'listeners', number>>

/** From the second quarter to the last, in parts of what is there, and for counts in pieces. */
const ALLOWED: Readonly<Record<string, { readonly part: number; readonly pieces: number }>> = {
  heap: { part: 0.1, pieces: 2e6 },
  rss: { part: 0.15, pieces: 10e6 },
  resources: { part: 0, pieces: 3 },
  descriptors: { part: 0, pieces: 3 },
  listeners: { part: 0, pieces: 0 },
}
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, engine: { type: 'string', default: 'local' } },
})
const folder = await temporaryFolder()
const engine = values.engine === 'hatchet' ? await startHatchet() : undefined
const env = { ...process.env, ...engine?.env, SCYTHE_ENGINE: values.engine, SCYTHE_STORAGE_FOLDER: folder.path }
const worker = engine && (await startScytheWorker(engine, here('hatchet/experiments.js'), { name: 'soak', env }))
try {
  const samples = await soak()
  process.exitCode = report(samples) ? 0 : 1
} finally {
  await worker?.stop()
  await engine?.stop()
  await folder.remove()
}

async function soak(): Promise<Held[]> {
  const args = ['--expose-gc', here('soak/client.js'), values.minutes]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('SIGINT', () => child.kill())
  const ended = once(child, 'exit')
  const samples: Held[] = []
  for await (const line of createInterface({ input: child.stdout })) samples.push(JSON.parse(line))
  const [code] = await ended
  if (code !== 0) throw new Error(`The process ended with ${code} after ${samples.at(-1)?.runs ?? 0} runs.`)
  return samples
}

function report(samples: readonly Held[]): boolean {
  const quarter = Math.floor(samples.length / 4)
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)]
  console.log(`${samples.at(-1)?.runs} runs on the ${values.engine} engine in ${values.minutes} minutes`)
  return Object.entries(ALLOWED)
    .map(([name, { part, pieces }]) => {
      const [before, after] = [early, late].map((held) => median(held.map((one) => one[name as keyof Held])))
      const isFlat = after! - before! <= Math.max(before! * part, pieces)
      console.log(`  ${name}: ${before} in the second quarter, ${after} in the last: ${isFlat ? 'flat' : 'grows'}`)
      return isFlat
    })
    .every(Boolean)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
