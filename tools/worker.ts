import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hatchet } from './engine/hatchet.js'
import { startGuarded } from './guard.js'

/** A worker process that an engine feeds. It ends when this process does, in whatever way. */
export interface WorkerProcess {
  /** The most memory that its main process has held, in bytes; 0 where there is no /proc. */
  peakBytes(): Promise<number>
  stop(): Promise<void>
}

export interface WorkerOptions {
  /** Letters, digits, `.`, `-` and `_`; no other worker of the engine has it. */
  readonly name: string
  /** What it needs to reach engine and store, and its settings. */
  readonly env: NodeJS.ProcessEnv
}

/** Starts a worker, and waits until the engine has it. `signal` is what stops it. */
export async function startWorker(
  engine: Pick<Hatchet, 'apiUrl' | 'token'>,
  command: readonly string[],
  signal: 'INT' | 'QUIT',
  { name, env }: WorkerOptions,
): Promise<WorkerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'scythe-worker-'))
  const pidFile = join(folder, 'pid')
  const worker = startGuarded({
    title: `The worker ${name}`,
    program: 'sh',
    args: ['-c', 'echo $$ >"$1" && shift && exec "$@"', 'sh', pidFile, ...command],
    env: { ...env, SCYTHE_WORKER_NAME: name },
    signal,
    temporaryFolder: folder,
  })
  await worker.ready(() => isActive(engine, name))

  async function peakBytes(): Promise<number> {
    const pid = (await readFile(pidFile, 'utf8')).trim()
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  }

  return { peakBytes, stop: worker.stop }
}

/** Runs of a task that no worker has ever been registered for are lost, so an engine has to know the worker first. */
async function isActive({ apiUrl, token }: Pick<Hatchet, 'apiUrl' | 'token'>, name: string): Promise<boolean> {
  const { sub: tenant } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
  const response = await fetch(`${apiUrl}/api/v1/tenants/${tenant}/worker`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const { rows } = (await response.json()) as { rows?: { name: string; status: string }[] }
  return rows?.some((worker) => worker.name === name && worker.status === 'ACTIVE') ?? false
}
