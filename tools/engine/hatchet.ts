import { mkdir, mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Guarded, guardFolder, startGuarded } from '../guard.js'
import { buildEngine } from './build.js'
import { createDatabase, type Database, notOurs, startPostgres } from './postgres.js'
import { createToken, engineEnv, prepareDatabase, type Settings, settingsIn } from './settings.js'

/** A Hatchet engine with its database, both on this machine. They end when this process does, in whatever way. */
export interface Hatchet {
  /** What clients and workers show the engine. */
  readonly token: string
  readonly grpcAddress: string
  readonly apiUrl: string
  /** What a process needs in its environment to use the engine through an SDK. */
  readonly env: Readonly<Record<string, string>>
  /** Ends the engine as losing its machine would. The database goes on. */
  kill(): Promise<void>
  /** Starts it again, with the same ports and on the same database. */
  start(): Promise<void>
  /** `kill`, a delay in milliseconds, `start`. */
  restart(delay?: number): Promise<void>
  /** Stops PostgreSQL, and starts it again on the same data after a delay in milliseconds. Where others run it, it throws. */
  restartDatabase(delay?: number): Promise<void>
  /** Ends the engine and its database. */
  stop(): Promise<void>
}

interface Stoppable {
  stop(): Promise<void>
}

/**
 * Starts an engine from what Go built, with PostgreSQL from npm; where `DATABASE_URL` names a server, in a database there.
 * All data is new and thrown away in the end, unless it is to be kept in a folder: then ports and tokens stay good, too.
 */
export async function startHatchet({ folder: kept }: { readonly folder?: string } = {}): Promise<Hatchet> {
  const programs = await buildEngine()
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'scythe-engine-')))
  const started: Stoppable[] = kept === undefined ? [guardFolder(folder)] : []
  const stop = async () => {
    while (started.length > 0) await started.pop()?.stop()
  }
  try {
    // Whoever PostgreSQL runs as has to get through to its own folder.
    await mkdir(folder, { recursive: true, mode: 0o711 })
    const settings = await settingsIn(folder)
    const database = await startDatabase(settings, folder, kept !== undefined)
    started.push(database)
    const env = engineEnv(settings, database.url, folder)
    await prepareDatabase(programs, folder, env)
    const token = await createToken(programs, folder, env)
    const engine = engineIn(programs, folder, settings, env)
    started.push({ stop: engine.kill })
    await engine.start()
    return { ...connection(settings, token), ...engine, restartDatabase: database.restart, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startDatabase({ password, ports }: Settings, folder: string, keep: boolean): Promise<Database> {
  const server = process.env.DATABASE_URL
  if (server) return keep ? { url: server, restart: notOurs, stop: async () => {} } : await createDatabase(server)
  return await startPostgres({
    folder: keep ? join(folder, 'postgres') : await mkdtemp(join(tmpdir(), 'scythe-postgres-')),
    temporary: !keep,
    log: join(folder, 'postgres.log'),
    port: ports.postgres,
    password,
  })
}

function engineIn(programs: string, folder: string, { ports }: Settings, env: Record<string, string>) {
  let running: Guarded | undefined

  async function start(): Promise<void> {
    running = startGuarded({
      title: 'The Hatchet engine',
      program: join(programs, 'hatchet-lite'),
      args: ['--config', join(folder, 'config')],
      env,
      log: join(folder, 'engine.log'),
    })
    await running.ready(async () => {
      const response = await fetch(`http://127.0.0.1:${ports.web}/api/ready`).catch(() => undefined)
      // What takes work listens a moment after what answers questions.
      return response?.ok === true && (await accepts(ports.grpc))
    })
  }

  async function kill(): Promise<void> {
    await running?.stop()
  }

  async function restart(delay = 0): Promise<void> {
    await kill()
    await setTimeout(delay)
    await start()
  }

  return { start, kill, restart }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

function connection({ ports }: Settings, token: string): Pick<Hatchet, 'token' | 'grpcAddress' | 'apiUrl' | 'env'> {
  const grpcAddress = `127.0.0.1:${ports.grpc}`
  const apiUrl = `http://127.0.0.1:${ports.web}`
  const env = {
    HATCHET_CLIENT_TOKEN: token,
    HATCHET_CLIENT_TLS_STRATEGY: 'none',
    HATCHET_CLIENT_HOST_PORT: grpcAddress,
    HATCHET_CLIENT_API_URL: apiUrl,
  }
  return { token, grpcAddress, apiUrl, env }
}
