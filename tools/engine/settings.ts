import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../ports.js'

/** What stays the same from one start of an engine to the next. */
export interface Settings {
  readonly password: string
  /** `web` answers for `api` and `pages`. */
  readonly ports: Readonly<Record<'postgres' | 'grpc' | 'api' | 'pages' | 'web', number>>
}

type Env = Readonly<Record<string, string>>

/** The tenant that every new engine has. */
const TENANT = '707d0855-80ab-4e1f-a156-f1c4546cbf52'

/** The settings kept in a folder; new ones where there are none. */
export async function settingsIn(folder: string): Promise<Settings> {
  const file = join(folder, 'settings.json')
  const found = await readFile(file, 'utf8').catch(() => undefined)
  if (found) return JSON.parse(found)
  const [postgres = 0, grpc = 0, api = 0, pages = 0, web = 0] = await freePorts(5)
  const settings = { password: randomBytes(12).toString('hex'), ports: { postgres, grpc, api, pages, web } }
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 })
  return settings
}

/** The whole environment of the engine's programs: what is set here for others is kept from them. */
export function engineEnv({ password, ports }: Settings, databaseUrl: string, folder: string): Record<string, string> {
  const grpcAddress = `127.0.0.1:${ports.grpc}`
  return {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: databaseUrl,
    // It answers on every network of the machine: so nobody else may guess the password.
    ADMIN_PASSWORD: `${password}Aa1!`,
    SERVER_ALLOW_SIGNUP: 'f',
    SERVER_AUTH_COOKIE_DOMAIN: 'localhost',
    SERVER_AUTH_COOKIE_INSECURE: 't',
    SERVER_AUTH_SET_EMAIL_VERIFIED: 't',
    SERVER_GRPC_BIND_ADDRESS: '127.0.0.1',
    SERVER_GRPC_INSECURE: 't',
    SERVER_GRPC_PORT: `${ports.grpc}`,
    SERVER_GRPC_BROADCAST_ADDRESS: grpcAddress,
    SERVER_INTERNAL_CLIENT_INTERNAL_GRPC_BROADCAST_ADDRESS: grpcAddress,
    SERVER_PORT: `${ports.api}`,
    SERVER_URL: `http://127.0.0.1:${ports.web}`,
    SERVER_DEFAULT_ENGINE_VERSION: 'V1',
    SERVER_MSGQUEUE_KIND: 'postgres',
    SERVER_LOGGER_LEVEL: 'warn',
    // A port less for engines to fight over: /api/ready says the same.
    SERVER_HEALTHCHECK: 'f',
    SERVER_SECURITY_CHECK_ENABLED: 'false',
    SERVER_ANALYTICS_ENABLED: 'false',
    LITE_STATIC_ASSET_DIR: join(folder, 'pages'),
    LITE_FRONTEND_PORT: `${ports.pages}`,
    LITE_RUNTIME_PORT: `${ports.web}`,
  }
}

/** Brings a database, empty or of an older engine, to what the engine needs. */
export async function prepareDatabase(programs: string, folder: string, env: Env): Promise<void> {
  await mkdir(join(folder, 'config'), { recursive: true, mode: 0o700 })
  await mkdir(join(folder, 'pages'), { recursive: true })
  await writeFile(join(folder, 'pages/index.html'), 'Hatchet, without its dashboard.\n')
  await run(programs, 'hatchet-migrate', [], folder, env)
  const config = ['--generated-config-dir', './config', '--overwrite=false']
  await run(programs, 'hatchet-admin', ['quickstart', '--skip', 'certs', ...config], folder, env)
}

export async function createToken(programs: string, folder: string, env: Env): Promise<string> {
  const args = ['token', 'create', '--config', './config', '--tenant-id', TENANT]
  return (await run(programs, 'hatchet-admin', args, folder, env)).trim()
}

async function run(programs: string, name: string, args: string[], cwd: string, env: Env): Promise<string> {
  try {
    return (await promisify(execFile)(join(programs, name), args, { cwd, env })).stdout
  } catch (error) {
    // What quickstart has against something it says on standard output.
    const { stdout, message } = error as Error & { stdout?: string }
    throw new Error(`${name} failed: ${message}${stdout ?? ''}`, { cause: error })
  }
}
