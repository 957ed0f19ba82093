// Plays runs on a fake clock, one a seed, in all processors, and says which seeds broke a rule. `scripts/run simulate`.
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import type { Share } from './share.js'
import { simulate } from './simulate.js'

const USAGE = `Usage: scripts/run simulate [options]

Plays runs with plan, fans, batches, receipts and store in one process on a fake clock: an engine that drops, doubles and
reorders, workers that die and stand still, a store that fails before and after it commits. Each seed is another run.

  --seeds <n>      how many (default 1000)
  --minutes <m>    as many as go into so many minutes
  --seed <s>       the first one (default: drawn). Alone: plays this one and shows all that happens
  --help

It ends with 0 where every rule held, with 1 where one was broken or a kind of fault never struck, and with 2 where it was called wrongly.`

/** Every kind of fault that there is: one that never struck was not tried. */
const FAULTS = [
  ...['request failed', 'answer lost', 'store away', 'engine away'],
  ...[
    'task doubled',
    'task never came to be',
    'notice lost',
    'notice of a failure late',
    'start not told',
    'batch cancelled',
  ],
  ...['die', 'stall', 'suspect', 'leave', 'misload', 'cancel', 'second root'],
]
/** With so many seeds each kind strikes. */
const MANY = 500
const SHOWN = 20

const options = readOptions()
if (options.help) console.log(USAGE)
else if (options.seed !== undefined && options.seeds === undefined && options.minutes === undefined)
  await show(options.seed)
else await search(options.seed ?? Math.floor(Math.random() * 2 ** 31))

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string' },
        minutes: { type: 'string' },
        seed: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const number = (name: 'seeds' | 'minutes' | 'seed', low: number) => {
      const text = values[name]
      if (text === undefined) return undefined
      const value = Number(text)
      if (text.trim() === '' || !(value >= low) || value >= 2 ** 32 || (name !== 'minutes' && !Number.isInteger(value)))
        throw new Error(
          `Expected --${name} to be a ${name === 'minutes' ? '' : 'whole '}number from ${low} to ${2 ** 32 - 1}, got ${JSON.stringify(text)}.`,
        )
      return value
    }
    return { help: values.help, seeds: number('seeds', 1), minutes: number('minutes', 0), seed: number('seed', 0) }
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    process.exit(2)
  }
}

/** One seed, and all that happens. */
async function show(seed: number): Promise<void> {
  const { scenario, broken, took } = await simulate(seed, {
    trace: (time, who, what) => console.log(`${(time / 1000).toFixed(3).padStart(10)}  ${who.padEnd(12)}${what}`),
  })
  console.log(JSON.stringify(scenario, null, 2))
  if (broken.length === 0)
    console.log(`Seed ${seed}: no rule was broken. The run took ${Math.round(took / 1000)} s of its time.`)
  for (const rule of broken) console.log(`Seed ${seed}: ${rule}`)
  process.exitCode = broken.length > 0 ? 1 : 0
}

/** Many seeds: each thread takes those that leave its number when divided by their count. */
async function search(first: number): Promise<void> {
  const begun = performance.now()
  const threads = availableParallelism()
  const until = options.minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + options.minutes * 60_000
  const count = options.seeds ?? (options.minutes === undefined ? 1_000 : Number.POSITIVE_INFINITY)
  const file = await bundle()
  const shares = await Promise.all(
    Array.from({ length: threads }, (_, thread) =>
      startThread(file, { first: first + thread, step: threads, end: first + count, until }),
    ),
  ).finally(() => rm(file, { force: true }))
  const seeds = sum(shares.map(({ seeds }) => seeds))
  const struck = (fault: string) => sum(shares.map((share) => share.struck[fault] ?? 0))
  const failed = shares.flatMap(({ failed }) => failed).sort((a, b) => a.seed - b.seed)
  const missing = seeds < MANY ? [] : FAULTS.filter((fault) => struck(fault) === 0)

  console.log(`${seeds} seeds from ${first} on in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
  for (const fault of FAULTS) console.log(`${String(struck(fault)).padStart(9)}  ${fault}`)
  console.log(`${String(sum(shares.map(({ resumed }) => resumed))).padStart(9)}  resumed by the user\n`)
  for (const { seed, rule } of failed.slice(0, SHOWN))
    console.log(`Seed ${seed}: ${rule}\n    scripts/run simulate --seed ${seed}`)
  if (failed.length > SHOWN) console.log(`and ${failed.length - SHOWN} more`)
  for (const fault of missing) console.log(`Never struck: ${fault}`)
  console.log(failed.length === 0 ? 'Every rule held.' : `${failed.length} seeds broke a rule.`)
  process.exitCode = failed.length + missing.length > 0 ? 1 : 0
}

/** Bundles what a thread runs. That takes a fifth of the time off: tsx names every closure as it is made. */
async function bundle(): Promise<string> {
  // Packages are found from there.
  const outfile = fileURLToPath(new URL(`../../.cache/simulation/share-${process.pid}.mjs`, import.meta.url))
  await build({
    entryPoints: [fileURLToPath(new URL('share.ts', import.meta.url))],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: `node${process.versions.node}`,
    logLevel: 'silent',
  })
  return outfile
}

function startThread(file: string, workerData: object): Promise<Share> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(file, { workerData })
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', (code) => reject(new Error(`A thread ended with ${code}.`)))
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
