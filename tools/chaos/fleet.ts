import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startHatchet } from '../engine/hatchet.js'
import { guardFolder } from '../guard.js'
import { cleanEnvironment, EXPERIMENT } from './client.js'
import { filesIn } from './place.js'
import { type Found, MARK, marked, signal } from './processes.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export type Role = 'leaf' | 'fan'

/** A Hatchet engine and workers, which many runs share. A worker that ends is started again, as a host would. */
export interface Fleet {
  /** Kills the engine, or stops its PostgreSQL, and starts it again after `delay` ms: one after the other, whoever asks. */
  restart(what: 'engine' | 'postgres', delay: number): Promise<void>
  readonly isAway: boolean
  /** Whether one of them is away, or was since then, as `Date.now()` counts. */
  wasAway(since: number): boolean
  /** What a client needs to reach the engine. */
  readonly env: Readonly<Record<string, string>>
  /** Process ids of the workers of a role that are there. */
  workers(role: Role): readonly number[]
  /** Those of all workers and of their pools. */
  processes(): readonly Found[]
  /** Ends everything, and says what is left. */
  stop(): Promise<string[]>
}

const EACH = 2
const SLOTS = 2
const AGAIN_MS = 500
const LEAVE_MS = 20_000

/** `env` is what workers need to reach the store. */
export async function startFleet(work: string, env: Readonly<Record<string, string>>): Promise<Fleet> {
  const engineFolder = join(work, 'engine')
  const guard = guardFolder(engineFolder)
  const hatchet = await startHatchet({ folder: engineFolder })
  const temporary = join(work, 'fleet-tmp')
  mkdirSync(temporary)
  const mark = `fleet-${process.pid}`
  const workers = new Map<string, ChildProcess>()
  let isStopping = false
  let restarted = Promise.resolve()
  /** Restarts under way, and when the last one ended. */
  let away = 0
  let backAt = 0

  function start(role: Role, name: string): void {
    const log = openSync(join(work, `${name}.log`), 'a')
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...cleanEnvironment(),
        ...env,
        ...hatchet.env,
        [MARK]: mark,
        TMPDIR: temporary,
        SCYTHE_ENGINE: 'hatchet',
        SCYTHE_WORKER_EXPERIMENTS: EXPERIMENT,
        SCYTHE_WORKER_NAME: name,
        SCYTHE_WORKER_SLOTS: `${SLOTS}`,
        SCYTHE_WORKER_HEALTH_PORT: '0',
        [role === 'leaf' ? 'SCYTHE_WORKER_DOES_FAN' : 'SCYTHE_WORKER_DOES_LEAF']: 'false',
      },
      cwd: work,
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    workers.set(name, child)
    child.once('exit', async () => {
      await sleep(AGAIN_MS)
      if (!isStopping) start(role, name)
    })
  }

  for (const role of ['leaf', 'fan'] as const) for (let i = 1; i <= EACH; i++) start(role, `${role}-${i}`)

  const living = () => [...workers].filter(([, { exitCode, signalCode }]) => exitCode === null && signalCode === null)
  return {
    restart(what, delay) {
      const restart = () => (what === 'engine' ? hatchet.restart(delay) : hatchet.restartDatabase(delay))
      away += 1
      restarted = restarted
        .catch(() => {})
        .then(restart)
        .finally(() => {
          away -= 1
          backAt = Date.now()
        })
      return restarted
    },
    get isAway() {
      return away > 0
    },
    wasAway: (since) => away > 0 || backAt >= since,
    env: hatchet.env,
    workers: (role) => living().flatMap(([name, { pid }]) => (name.startsWith(role) ? [pid!] : [])),
    processes: () => marked(mark),
    async stop() {
      isStopping = true
      const leaving = living().map(([, child]) => child)
      for (const child of leaving) child.kill('SIGTERM')
      await Promise.race([
        Promise.all(leaving.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined))),
        sleep(LEAVE_MS),
      ])
      const left = marked(mark).map(({ pid, command }) => `process ${pid} of a worker: ${command}`)
      for (const { pid } of marked(mark)) signal(pid, 'SIGKILL')
      left.push(...filesIn(temporary).map((path) => `temporary file of a worker: ${path}`))
      await hatchet.stop()
      await guard.stop()
      return left
    },
  }
}
