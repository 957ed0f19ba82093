// Takes inputs, one after the other. A process of its own: one that hangs, dies or takes all memory is ended, and its input is known.
import { openSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { createRandom } from '../chaos/random.js'
import type { Door } from './door.js'
import { DOORS, doorSeed } from './doors.js'
import type { Counts, Find, Order, Report } from './messages.js'
import { whatIsWrong } from './verdict.js'
import { WATCHDOG } from './watchdog.js'

const order = JSON.parse(process.argv[2]!) as Order
const doors = DOORS.filter(({ name }) => order.doors.includes(name))
const counts: Record<string, { -readonly [K in keyof Counts]: Counts[K] }> = {}
for (const { name } of doors) counts[name] = { taken: 0, refused: 0 }
const now = openSync(order.now, 'w')
const beat = new Int32Array(new SharedArrayBuffer(8))
new Worker(WATCHDOG, { eval: true, workerData: { beat, ...order } }).unref()
const until = performance.now() + order.milliseconds

// What is said on stderr belongs to the doors.
process.stderr.write = (() => true) as typeof process.stderr.write
let current: Pick<Find, 'door' | 'seed'> = { door: '', seed: 0 }
process.on('uncaughtException', (error) => lost('an exception that nobody caught', error))
process.on('unhandledRejection', (error) => lost('a rejection that nobody heard', error))

let seed = order.first
for (; seed < order.first + order.inputs && performance.now() < until; seed++) {
  for (const door of doors) await tryOne(door, seed)
  if (seed % 100 === 0) await told()
}
await told()
process.exit()

async function tryOne(door: Door, seed: number): Promise<void> {
  current = { door: door.name, seed }
  writeSync(now, `${door.name} ${seed}`.padEnd(64), 0)
  Atomics.add(beat, 0, 1)
  const random = createRandom(doorSeed(door, seed))
  const input = door.make(random)
  const count = counts[door.name]!
  try {
    await door.take(input, random)
    count.taken += 1
  } catch (error) {
    count.refused += 1
    const problem = whatIsWrong(error, door)
    if (problem) await tell({ find: { ...current, problem } })
  }
}

function lost(what: string, error: unknown): void {
  void tell({ find: { ...current, problem: `${what}: ${error instanceof Error ? error.stack : error}` } })
}

function told(): Promise<void> {
  return tell({ counts, next: seed, largest: Number(Atomics.load(beat, 1)) })
}

function tell(report: Report): Promise<void> {
  return new Promise((resolve) => process.send?.(report, () => resolve()))
}
