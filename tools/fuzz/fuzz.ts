import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Counts, Find, Order, Report } from './messages.js'

export interface FuzzOptions {
  readonly doors: readonly string[]
  readonly first: number
  readonly inputs: number
  readonly milliseconds: number
  readonly signal?: AbortSignal
  onFind?(find: Find): void
}

export interface Fuzzed {
  readonly finds: readonly Find[]
  readonly counts: Readonly<Record<string, Counts>>
  /** Seeds that were tried. */
  readonly seeds: number
  /** MB of resident memory at most. */
  readonly largest: number
}

/** Bytes that a process may have, with Node and all of our modules. */
const MEMORY = 512 * 2 ** 20
/** MB of objects: the rest is for buffers, code and Node itself. */
const HEAP = 320
/** For one input, in ms: none takes a hundredth of it, but the machine may be busy. */
const PATIENCE = 20_000
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/** Throws inputs at doors in processes of their own, until there are enough, the time is over, or the signal aborts. */
export async function fuzz(options: FuzzOptions): Promise<Fuzzed> {
  const { doors, first, inputs, milliseconds, signal } = options
  const until = Date.now() + milliseconds
  const finds: Find[] = []
  const counts = new Map<string, { taken: number; refused: number }>()
  let largest = 0
  let next = first
  const found = (find: Find) => {
    finds.push(find)
    options.onFind?.(find)
  }
  while (next < first + inputs && Date.now() < until && !signal?.aborted) {
    const ended = await runChild(
      { doors, first: next, inputs: first + inputs - next, milliseconds: until - Date.now() },
      signal,
    )
    ended.finds.forEach(found)
    for (const [door, { taken, refused }] of Object.entries(ended.counts)) {
      const sum = counts.get(door) ?? { taken: 0, refused: 0 }
      counts.set(door, { taken: sum.taken + taken, refused: sum.refused + refused })
    }
    largest = Math.max(largest, ended.largest)
    next = ended.next
    const { death } = ended
    if (!death || signal?.aborted) continue
    next = death.seed + 1
    // What earlier inputs left in memory is not this one's.
    const alone = await runChild({ doors: [death.door], first: death.seed, inputs: 1, milliseconds: 60_000 }, signal)
    if (alone.death) found({ ...death, problem: `the process ended: ${alone.death.problem}` })
  }
  return { finds, counts: Object.fromEntries(counts), seeds: next - first, largest }
}

interface Ended {
  readonly finds: readonly Find[]
  readonly counts: Readonly<Record<string, Counts>>
  readonly next: number
  readonly largest: number
  /** The input with which the process ended. */
  readonly death: Find | undefined
}

async function runChild(
  order: Pick<Order, 'doors' | 'first' | 'inputs' | 'milliseconds'>,
  signal: AbortSignal | undefined,
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'scythe-fuzz-'))
  const now = join(folder, 'now')
  const finds: Find[] = []
  let last: Extract<Report, { counts: unknown }> = { counts: {}, next: order.first, largest: 0 }
  const whole: Order = { ...order, now, memory: MEMORY, patience: PATIENCE }
  const child = fork(CHILD, [JSON.stringify(whole)], {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  child.on('message', (report: Report) => {
    if ('find' in report) finds.push(report.find)
    else last = report
  })
  try {
    const [code, killed] = (await once(child, 'exit')) as [number | null, string | null]
    const death = code === 0 ? undefined : deathOf(now, killed ?? `exit code ${code}`)
    return { finds, ...last, death }
  } finally {
    signal?.removeEventListener('abort', kill)
    rmSync(folder, { recursive: true, force: true })
  }
}

function deathOf(now: string, how: string): Find {
  const [input = '', why = how] = readFileSync(now, 'utf8').split('\n')
  const [door = '', seed = ''] = input.trim().split(' ')
  if (door === '') throw new Error(`The process that takes inputs did not begin (${how}).`)
  return { door, seed: Number(seed), problem: why }
}
