import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, EXPERIMENT, endedWell, startClient } from './client.js'
import type { Arena, EngineName } from './faults/fault.js'
import type { Fleet } from './fleet.js'
import { filesIn, type Look, look, type Place } from './place.js'
import { marked, placeOf, signal } from './processes.js'
import { createRandom } from './random.js'
import { type Reference, specsFile } from './reference.js'
import type { Scenario, Strike } from './scenario.js'
import { type Verdict, verify } from './verify.js'

/** What became of a strike. */
export interface Struck {
  readonly fault: string
  readonly hit: boolean
  /** From its end to the next receipt, or to the end of the run, in ms. */
  recoveredAfter?: number
  /** What a command line said that gave up during it, or after it. */
  gaveUp?: string
}

/** What became of a scenario. */
export interface RunReport {
  readonly scenario: Scenario
  readonly seconds: number
  readonly resumes: number
  readonly struck: readonly Struck[]
  readonly verdict: Verdict | undefined
  /** Processes and temporary files that outlived the run. */
  readonly left: readonly string[]
  /** What keeps the run from being verified, or from being right. */
  readonly problems: readonly string[]
  /** What is wrong with the undisturbed run already. */
  readonly undisturbed: readonly string[]
}

export interface Surroundings {
  readonly engine: EngineName
  readonly fleet: Fleet | undefined
  /** The run's own folder, for all that it leaves. */
  readonly work: string
  readonly place: Place
  readonly reference: Reference
  /** Aborts where everything is to stop. */
  readonly signal: AbortSignal
}

const POLL_MS = 40
const MOST_RESUMES = 20
/** So many in a row that come to nothing are enough. */
const MOST_IN_VAIN = 6
/** A run in which nothing happens for so long stands still: longer than any fault of ours. */
const STUCK_MS = { local: 60_000, hatchet: 240_000 }
/** What ends by itself is given so long after a run. */
const GRACE_MS = 6_000

/** Runs a scenario, and says what became of it. */
export async function runScenario(scenario: Scenario, around: Surroundings): Promise<RunReport> {
  const { engine, fleet, work, place, reference } = around
  const { specs, experiment } = reference.mix
  const mark = `run-${scenario.seed}-${process.pid}`
  const temporary = join(work, 'tmp')
  mkdirSync(temporary)
  const specsPath = specsFile(work, specs)
  const clients: Client[] = []
  const struck: Struck[] = []
  const problems: string[] = []
  const active = new Map<Promise<void>, Struck>()
  const begun = performance.now()
  let resumes = 0
  let isDone = false
  let at: Look = look(place)
  let changed = Date.now()

  function start(args: readonly string[]): void {
    const slots = engine === 'local' ? ['--slots', `${scenario.slots}`] : []
    const log = join(work, `client-${clients.length}.log`)
    const env = { SCYTHE_ENGINE: engine, ...place.env, ...fleet?.env }
    const options = ['--store', place.address, '--json', ...slots]
    clients.push(startClient({ args: [...args, ...options], env, mark, temporary, cwd: work, log }))
    changed = Date.now()
  }

  function begin(): void {
    const batch = scenario.batches ? ['--batch', `${Math.ceil(specs.length / scenario.batches)}`] : []
    start(['run', EXPERIMENT, '--experiment', experiment, '--specs', specsPath, ...batch])
  }

  function resume(): void {
    const { run } = look(place)
    // An allocation that was cut short is begun anew.
    if (run === undefined) begin()
    else start(['resume', run, EXPERIMENT])
  }

  const living = () => clients.filter(({ isGone }) => !isGone)
  const arena: Arena = {
    place,
    fleet,
    clients: () => living().map(({ pid }) => pid),
    resume,
    async killClients(name) {
      const hit = living()
      for (const client of hit) client.kill(name)
      await Promise.race([Promise.all(hit.map(({ gone }) => gone)), sleep(STUCK_MS[engine])])
      return hit.length > 0
    },
    processes: () => [...marked(mark), ...(fleet?.processes() ?? [])],
    runFolder: () => (at.run === undefined ? undefined : join(place.folder, at.run)),
    get isDone() {
      return isDone || around.signal.aborted
    },
    wait: (ms) => sleep(ms, undefined, { signal: around.signal }).catch(() => {}),
  }

  function strike({ fault, seed }: Strike): void {
    const it: Struck & { hit: boolean } = { fault: fault.name, hit: false }
    struck.push(it)
    const striking = fault
      .strike(arena, createRandom(seed))
      .then((hit) => {
        it.hit = hit
        if (hit) void recover(it)
      })
      .catch((error: Error) => void problems.push(`${fault.name} could not strike: ${error.message}`))
      .finally(() => {
        active.delete(striking)
        changed = Date.now()
      })
    active.set(striking, it)
  }

  async function recover(it: Struck): Promise<void> {
    const [since, { receipts }] = [performance.now(), at]
    while (!isDone && !around.signal.aborted && problems.length === 0 && at.receipts <= receipts) await sleep(POLL_MS)
    it.recoveredAfter = performance.now() - since
  }

  /** Goes on until the run is done, or has to be given up. */
  async function drive(strikes: readonly Strike[]): Promise<void> {
    let next = 0
    let inVain = 0
    const noted = new Set<Client>()
    while (!around.signal.aborted && problems.length === 0) {
      const seen = look(place)
      // While the store is away it has no receipts.
      if (seen.receipts > at.receipts || (seen.run && !at.run)) {
        changed = Date.now()
        inVain = 0
      }
      if (seen.run !== undefined) at = seen
      for (const client of clients) if (client.isGone && !noted.has(client)) note(client)
      // Who comes to an engine that another run has struck is sent away.
      if (living().length === 0 && active.size === 0 && !fleet?.isAway) {
        if (clients.some(endedWell)) return
        if (resumes >= MOST_RESUMES) problems.push(`not done after ${resumes} resumes: ${clients.at(-1)?.lastWords()}`)
        else if (inVain >= MOST_IN_VAIN) problems.push(`resumes come to nothing: ${clients.at(-1)?.lastWords()}`)
        else {
          resumes += 1
          inVain += 1
          resume()
        }
      }
      const due = strikes[next]
      if (due && at.run && at.covered >= due.at * specs.length && (due.overlaps || active.size === 0)) {
        next += 1
        inVain = 0
        strike(due)
      }
      if (active.size === 0 && Date.now() - changed > STUCK_MS[engine]) {
        problems.push(`nothing happened for ${STUCK_MS[engine] / 1000} s at ${at.covered} of ${specs.length} specs`)
      }
      await sleep(POLL_MS)
    }

    function note(client: Client): void {
      noted.add(client)
      changed = Date.now()
      if (client.wasKilled || endedWell(client)) return
      const words = `exit ${client.code}: ${client.lastWords()}`
      const during = active.size > 0 ? [...active.values()] : struck.slice(-1)
      for (const it of during) it.gaveUp ??= words
      if (during.length === 0 && !fleet?.wasAway(client.begun)) problems.push(`failed before anything struck, ${words}`)
    }
  }

  while (fleet?.isAway && !around.signal.aborted) await sleep(POLL_MS)
  begin()
  await drive(scenario.strikes.filter(({ fault }) => !fault.atEnd))
  for (const late of scenario.strikes.filter(({ fault }) => fault.atEnd)) {
    if (around.signal.aborted || problems.length > 0) break
    const before = clients.length
    strike(late)
    await Promise.all(active.keys())
    await Promise.all(living().map(({ gone }) => gone))
    const failed = clients.slice(before).find((client) => !endedWell(client))
    if (failed) problems.push(`${late.fault.name}: exit ${failed.code}: ${failed.lastWords()}`)
  }
  isDone = true
  await Promise.all(active.keys())
  const left = await leftBehind(mark, temporary, around.signal)
  let verdict: Verdict | undefined
  if (problems.length === 0 && !around.signal.aborted) {
    try {
      verdict = await verify(place, look(place).run!, specs.length, reference.tables)
    } catch (error) {
      problems.push(`its tables cannot be read: ${(error as Error).message}`)
    }
  }
  const seconds = (performance.now() - begun) / 1000
  return { scenario, seconds, resumes, struck, verdict, left, problems, undisturbed: reference.problems }
}

/** What outlives a run although nobody needs it. Processes are ended then. */
async function leftBehind(mark: string, temporary: string, stop: AbortSignal): Promise<string[]> {
  const until = Date.now() + GRACE_MS
  while (!stop.aborted && Date.now() < until && (marked(mark).length > 0 || filesIn(temporary).length > 0))
    await sleep(POLL_MS)
  const processes = marked(mark)
  const left = processes.map(({ pid, command }) => `process ${pid}: ${command} (in ${placeOf(pid)})`)
  for (const { pid } of processes) signal(pid, 'SIGKILL')
  return [...left, ...filesIn(temporary).map((path) => `temporary file ${path}`)]
}

/** Keeps what a run left, for whoever looks into it. */
export function keep(report: RunReport, place: Place, work: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(work, folder, { recursive: true })
  if (!place.folder.startsWith(work) && existsSync(place.folder))
    cpSync(place.folder, join(folder, 'store'), { recursive: true })
  const { scenario, ...rest } = report
  const strikes = scenario.strikes.map(({ fault, ...strike }) => ({ fault: fault.name, ...strike }))
  writeFileSync(join(folder, 'report.json'), JSON.stringify({ scenario: { ...scenario, strikes }, ...rest }, null, 2))
}
