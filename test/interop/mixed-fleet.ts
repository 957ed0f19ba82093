import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import type { WorkerHandle, WorkerOptions } from '../../src/engine/engine.js'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import type { Executor } from '../../src/execute/executor.js'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { openStore } from '../../src/index.js'
import { pythonFanTask } from '../../src/python/fan/task.js'
import { servedStores } from '../../src/scatter/served.js'
import { taskDefinitions } from '../../src/scatter/task-definitions.js'
import { startPythonWorker } from '../../tools/python/worker.js'
import { startS3Server } from '../../tools/s3/server.js'
import type { WorkerProcess } from '../../tools/worker.js'
import { collect } from '../support/collect.js'
import { startHatchet } from '../support/engine.js'
import { python } from '../support/python.js'
import { sharedProfile } from './fixtures/serving/profiles.js'
import { OFFSET } from './shared-profile.js'

const LONG_MS = 300_000
const here = (name: string) => fileURLToPath(new URL(`fixtures/serving/${name}`, import.meta.url))

export interface Order {
  readonly name: string
  readonly specs: number
  readonly recursion?: { readonly factor: number; readonly max_depth: number }
  /** Whether an optional integer is null in some specs. */
  readonly nulls?: boolean
  /** Whether the user's table says which spec it is of. */
  readonly joined?: boolean
  readonly fails?: readonly number[]
}

export interface Answer {
  readonly error?: string
  readonly id: string
  readonly bucket: string
  readonly uris: Readonly<Record<string, string>>
  readonly tables: Readonly<
    Record<string, { readonly index: readonly string[]; readonly rows: readonly Record<string, unknown>[] }>
  >
  readonly reports: readonly string[]
  readonly latest: Readonly<Record<string, string>>
  readonly versions: readonly string[]
}

export type MixedFleet = Awaited<ReturnType<typeof startMixedFleet>>

/** An engine, an S3 server, a client of Python Scythe, and workers of either kind with an experiment that both have. */
export async function startMixedFleet() {
  const [hatchet, s3, folder] = await Promise.all([
    startHatchet(),
    startS3Server(),
    mkdtemp(join(tmpdir(), 'scythe-test-')),
  ])
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value)
  await writeFile(join(folder, 'source.txt'), `${OFFSET}`)
  const meeting = join(folder, 'meeting')
  vi.stubEnv('SERVING_MEETING', meeting)
  const store = openStore(`s3://${s3.bucket}/scythe`)
  const engine = createHatchetEngine({ connection: hatchet })
  const own = {
    ...hatchet.env,
    ...s3.env,
    AWS_DEFAULT_REGION: s3.env.AWS_REGION!,
    SCYTHE_STORAGE_BUCKET: s3.bucket,
    SERVING_MEETING: meeting,
  }
  const client = spawn(await python('interop'), [here('client.py')], {
    env: { ...process.env, ...own },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const answers = createInterface({ input: client.stdout! })[Symbol.asyncIterator]()
  const pools: Executor[] = []
  const ours = new Map<string, WorkerHandle>()
  const theirs = new Map<string, WorkerProcess>()

  /** Serves every store, or these. */
  async function startOurs(
    name: string,
    { stores, ...options }: Pick<WorkerOptions, 'slots' | 'durableSlots'> & { readonly stores?: readonly string[] },
  ) {
    const pool = createPool({ slots: Math.max(1, options.slots), worker: name })
    pools.push(pool)
    const experiments = [ExperimentRegistry.get(sharedProfile)]
    const others = options.durableSlots === 0 ? [] : [pythonFanTask]
    const served = stores && servedStores(stores)
    const tasks = taskDefinitions(pool, { experiments, others, ...(served && { served }) })
    ours.set(name, await engine.serve(tasks, { name, labels: {}, ...options }))
  }

  async function startTheirs(name: string, does: 'FAN' | 'LEAF', slots: number) {
    const env = {
      ...process.env,
      ...own,
      SCYTHE_WORKER_SLOTS: `${slots}`,
      SCYTHE_WORKER_DOES_FAN: 'False',
      SCYTHE_WORKER_DOES_LEAF: 'False',
      [`SCYTHE_WORKER_DOES_${does}`]: 'True',
    }
    theirs.set(name, await startPythonWorker(hatchet, here('profiles.py'), { name, purpose: 'interop', env }))
  }

  async function stopOurs(name: string) {
    await ours.get(name)!.close()
    ours.delete(name)
  }

  async function stopTheirs(name: string) {
    await theirs.get(name)!.stop()
    theirs.delete(name)
  }

  async function answer(): Promise<Answer> {
    for (;;) {
      const { value, done } = await answers.next()
      if (done) throw new Error('The client has ended.')
      if (!value.startsWith('=>')) continue
      const answer: Answer = JSON.parse(value.slice(2))
      if (answer.error) throw new Error(answer.error)
      return answer
    }
  }

  function run(order: Order): Promise<Answer> {
    const defaults = { recursion: null, nulls: false, joined: false, fails: [], source: join(folder, 'source.txt') }
    client.stdin!.write(`${JSON.stringify({ ...defaults, ...order })}\n`)
    return answer()
  }

  /** Specs wait until workers of both kinds have one: a new one is given nothing for up to five seconds, in which others might do it all. */
  async function meet() {
    await rm(meeting, { recursive: true, force: true })
    await mkdir(meeting)
  }

  /** Specs wait until they are released. */
  async function hold() {
    await meet()
    await writeFile(join(meeting, 'held'), '')
  }

  /** Waits until a spec is held. */
  const untilHeld = () =>
    vi.waitUntil(async () => (await readdir(meeting)).length > 1, { timeout: LONG_MS, interval: 100 })

  async function release() {
    await Promise.all(['ours', 'python'].map((kind) => writeFile(join(meeting, kind), '')))
    await rm(join(meeting, 'held'))
  }

  /** Keys in the folder of a run's name. */
  const keysOf = async (name: string, pattern: RegExp) =>
    (await collect(store.list(`${name}/`))).map(({ key }) => key).filter((key) => pattern.test(key))
  /** Waits for so many. */
  const untilKeys = (name: string, pattern: RegExp, count = 1) =>
    vi.waitUntil(async () => (await keysOf(name, pattern)).length >= count, { timeout: LONG_MS, interval: 100 })

  async function stop() {
    client.kill()
    await Promise.all([...theirs.keys()].map(stopTheirs))
    await engine.close()
    await Promise.all(pools.map((pool) => pool.close()))
    await Promise.all([hatchet.stop(), s3.stop()])
    await rm(folder, { recursive: true })
    vi.unstubAllEnvs()
  }

  // It is ready.
  await answer()
  return {
    env: own,
    bucket: s3.bucket,
    folder,
    startOurs,
    stopOurs,
    startTheirs,
    stopTheirs,
    run,
    meet,
    hold,
    untilHeld,
    release,
    keysOf,
    untilKeys,
    stop,
  }
}
