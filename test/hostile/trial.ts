import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { deeds } from './deeds.js'
import type { TrialOrder, TrialRow } from './run-trial.js'

export interface Trial {
  readonly deeds: readonly string[]
  readonly batch: number
  readonly slots: number
  /** It has hung if it takes longer. */
  readonly limitMs: number
}

export interface Findings {
  /** What is wrong, a line each. */
  readonly wrong: readonly string[]
  /** Deed to what its row was: `result`, or the code of its error. */
  readonly outcomes: ReadonlyMap<string, string>
}

interface Outcome {
  readonly rows: readonly TrialRow[]
  readonly levels: readonly (readonly [number, number])[]
}

/** Specs to one deed: it and healthy ones. */
const SPACING = 8
const PROGRAM = fileURLToPath(new URL('run-trial.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MARK = 'SCYTHE_HOSTILE_TRIAL'
const GOING_MS = 10_000

/** Runs deeds, each between healthy specs, and says what is not right: of their rows, of the others' rows, and of what is left behind. */
export async function runTrial(trial: Trial, healthy: ReadonlyMap<number, string>): Promise<Findings> {
  const specs = specsOf(trial.deeds)
  const { outcome, wrong } = await runSpecs(specs, trial)
  const outcomes = new Map<string, string>()
  if (!outcome) return { wrong, outcomes }
  const rows = new Map<number, TrialRow[]>()
  for (const row of outcome.rows) rows.set(row.sortIndex, [...(rows.get(row.sortIndex) ?? []), row])
  const levels = new Map(outcome.levels)
  for (const [index, { n, deed }] of specs.entries()) {
    const [row, ...more] = rows.get(index) ?? []
    const after = `beside "${nearestDeed(specs, index)}"`
    if (!row) wrong.push(`spec ${index} has no row, ${deed || after}`)
    else if (more.length > 0) wrong.push(`spec ${index} has ${more.length + 1} rows, ${deed || after}`)
    else if (deed !== '') {
      outcomes.set(deed, row.code ?? 'result')
      wrong.push(...judge(deed, row))
    } else if (row.code) wrong.push(`healthy spec ${index} is ${row.code}, ${after}: ${row.message}`)
    else if (JSON.stringify(row.values) !== healthy.get(n)) {
      wrong.push(`healthy spec ${index} differs, ${after}: ${difference(healthy.get(n)!, JSON.stringify(row.values))}`)
    } else if (levels.get(index) !== n / 2) wrong.push(`healthy spec ${index} lacks its row of the table, ${after}`)
  }
  return { wrong, outcomes }
}

/** Values of good specs in a run that nothing disturbs, by their number. */
export async function undisturbed(count: number): Promise<ReadonlyMap<number, string>> {
  const specs = Array.from({ length: count * SPACING }, (_, n) => ({ n, deed: '' }))
  const { outcome, wrong } = await runSpecs(specs, { batch: 1000, slots: 1, limitMs: 300_000 })
  if (!outcome || wrong.length > 0) throw new Error(`The undisturbed run failed: ${wrong.join('; ')}`)
  return new Map(outcome.rows.map((row) => [row.sortIndex, JSON.stringify(row.values)]))
}

/** A deed stands at another place of its eight each time. */
function specsOf(names: readonly string[]): TrialOrder['specs'] {
  return names.flatMap((deed, index) =>
    Array.from({ length: SPACING }, (_, place) => ({
      n: index * SPACING + place,
      deed: place === (index * 3 + 2) % SPACING ? deed : '',
    })),
  )
}

function nearestDeed(specs: TrialOrder['specs'], index: number): string {
  const start = index - (index % SPACING)
  return specs.slice(start, start + SPACING).find(({ deed }) => deed !== '')?.deed ?? ''
}

function judge(name: string, { code, message }: TrialRow): string[] {
  const { right, codes } = deeds[name]!
  const was = code ? `${code}: ${message}` : 'a result'
  if (right === 'error' && !code) return [`"${name}" should be an error, was a result`]
  if (right === 'result' && code) return [`"${name}" should be a result, was ${was}`]
  if (code && codes && codes.length > 0 && !codes.includes(code)) {
    return [`"${name}" should be ${codes.join(' or ')}, was ${was}`]
  }
  return []
}

function difference(right: string, was: string): string {
  let at = 0
  while (right[at] === was[at]) at++
  const from = Math.max(0, at - 20)
  return `…${right.slice(from, at + 30)}… was …${was.slice(from, at + 30)}…`
}

async function runSpecs(specs: TrialOrder['specs'], { batch, slots, limitMs }: Omit<Trial, 'deeds'>) {
  const folder = mkdtempSync(join(tmpdir(), 'scythe-hostile-'))
  const temporary = mkdtempSync(join(folder, 'tmp-'))
  const order: TrialOrder = { specs, batch, slots, store: join(folder, 'store'), out: join(folder, 'out.json') }
  const mark = `${MARK}=${folder}`
  const wrong: string[] = []
  const cleanUp = () => {
    killMarked(mark)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', cleanUp)
  try {
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(order)], {
      cwd: ROOT,
      env: { ...process.env, [MARK]: folder, TMPDIR: temporary, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2000)
    })
    const timer = setTimeout(() => {
      const open = deedsWithoutReceipt(order).map((deed) => `"${deed}"`)
      wrong.push(`the run did not end within ${limitMs / 1000} s; no receipt has the batches of ${open.join(', ')}`)
      killMarked(mark)
    }, limitMs)
    const [code] = await once(child, 'exit')
    clearTimeout(timer)
    const done = existsSync(order.out)
    if (wrong.length === 0 && (code !== 0 || !done))
      wrong.push(`the run failed (exit code ${code}): ${words.trim().slice(-700)}`)
    if (done) wrong.push(...(await leftBehind(mark, temporary)))
    return { outcome: done ? (JSON.parse(readFileSync(order.out, 'utf8')) as Outcome) : undefined, wrong }
  } finally {
    process.off('exit', cleanUp)
    cleanUp()
  }
}

function deedsWithoutReceipt({ store, specs }: TrialOrder): string[] {
  const names = readdirSync(store, { recursive: true, encoding: 'utf8' })
  const ranges = names.flatMap((name) => {
    const [, start, end] = /receipt-(\d+)-(\d+)\.json$/.exec(name) ?? []
    return start === undefined ? [] : [[Number(start), Number(end)] as const]
  })
  const isDone = (index: number) => ranges.some(([start, end]) => start <= index && index < end)
  return specs.filter(({ deed }, index) => deed !== '' && !isDone(index)).map(({ deed }) => deed)
}

async function leftBehind(mark: string, temporary: string): Promise<string[]> {
  const end = Date.now() + GOING_MS
  while (marked(mark).length > 0 && Date.now() < end) await sleep(50)
  const files = readdirSync(temporary).filter((name) => !name.startsWith('tsx-') && name !== 'node-compile-cache')
  return [
    ...marked(mark).map((pid) => `left behind: process ${pid}, ${commandOf(pid)}`),
    ...files.map((name) => `left behind: ${name} in the folder for temporary files`),
  ]
}

function killMarked(mark: string): void {
  for (let pids = marked(mark), i = 0; pids.length > 0 && i < 100; pids = marked(mark), i++) {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It is gone.
      }
    }
  }
}

/** Processes that a trial started, and those that these started. They know the mark, whatever they did to their environment since. */
function marked(mark: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && readSafely(`/proc/${pid}/environ`).split('\0').includes(mark))
    .filter((pid) => !/^State:\s+[ZX]/m.test(readSafely(`/proc/${pid}/status`)))
}

function commandOf(pid: number): string {
  return readSafely(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 100)
}

function readSafely(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
