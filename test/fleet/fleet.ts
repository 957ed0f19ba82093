import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import type { Engine } from '../../src/index.js'
import { type S3Server, startS3Server } from '../../tools/s3/server.js'
import { type Hatchet, startHatchet } from '../support/engine.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
export const FIXTURES = fileURLToPath(new URL('fixtures/experiments.ts', import.meta.url))

/** What `/health` says of a worker. */
export interface Health {
  readonly status: number
  readonly reasons: readonly string[]
  readonly slots: Readonly<Record<'fan' | 'leaf', { readonly inUse: number; readonly limit: number }>>
}

/** A worker in a process of its own, as `npm start` starts it. */
export interface FleetWorker {
  readonly name: string
  readonly child: ChildProcess
  health(): Promise<Health>
  /** Sends a signal, and gives the exit code once the process is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>
  readonly exited: Promise<number | null>
  /** What it has said so far. */
  said(): string
}

/** A Hatchet engine, an S3 server, and the workers that a test starts. */
export interface Fleet {
  readonly hatchet: Hatchet
  readonly store: string
  /** For the test itself, which allocates. */
  engine(): Engine
  worker(name: string, env?: Record<string, string>): Promise<FleetWorker>
  stop(): Promise<void>
}

export async function startFleet(): Promise<Fleet> {
  const [hatchet, s3]: [Hatchet, S3Server] = await Promise.all([startHatchet(), startS3Server()])
  const workers = new Set<FleetWorker>()
  const engines: Engine[] = []
  // The test itself reads and writes in the store, too.
  Object.assign(process.env, s3.env)

  async function worker(name: string, env: Record<string, string> = {}): Promise<FleetWorker> {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...cleanEnvironment(),
        ...s3.env,
        ...hatchet.env,
        SCYTHE_ENGINE: 'hatchet',
        SCYTHE_STORAGE_BUCKET: s3.bucket,
        SCYTHE_STORAGE_BUCKET_PREFIX: 'fleet',
        SCYTHE_WORKER_EXPERIMENTS: FIXTURES,
        SCYTHE_WORKER_NAME: name,
        SCYTHE_WORKER_SLOTS: '2',
        SCYTHE_WORKER_HEALTH_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const lines: string[] = []
    const exited = once(child, 'close').then(([code]) => code as number | null)
    let ready: (port: number) => void = () => {}
    const port = new Promise<number>((resolve, reject) => {
      ready = resolve
      exited.then(() => reject(new Error(`The worker ${name} ended before it was ready:\n${lines.join('\n')}`)))
    })
    createInterface({ input: child.stderr! }).on('line', (line) => {
      lines.push(line)
      const [, found] = /http:\/\/localhost:(\d+)\/health/.exec(line) ?? []
      if (found) ready(Number(found))
    })
    const at = await port
    const it: FleetWorker = {
      name,
      child,
      exited,
      said: () => lines.join('\n'),
      async health() {
        const response = await fetch(`http://127.0.0.1:${at}/health`).catch((cause) => {
          throw new Error(`${name} does not answer:\n${lines.join('\n')}`, { cause })
        })
        return { ...((await response.json()) as Omit<Health, 'status'>), status: response.status }
      },
      end(signal) {
        child.kill(signal)
        return exited
      },
    }
    workers.add(it)
    return it
  }

  return {
    hatchet,
    store: `s3://${s3.bucket}/fleet`,
    engine() {
      const engine = createHatchetEngine({ connection: hatchet })
      engines.push(engine)
      return engine
    },
    worker,
    async stop() {
      await Promise.all(engines.map((engine) => engine.close()))
      await Promise.all([...workers].map((worker) => worker.end('SIGKILL')))
      await Promise.all([hatchet.stop(), s3.stop()])
    },
  }
}

/** Asks until the answer is yes. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SCYTHE_|HATCHET_|VITEST|NODE_)/.test(name)),
  )
}
