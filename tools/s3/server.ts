import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGuarded } from '../guard.js'
import { freePorts } from '../ports.js'
import { buildS3Server } from './build.js'

/** An S3 server on this machine, which ends when this process does, in whatever way. */
export interface S3Server {
  readonly endpoint: string
  /** What a process needs in its environment to use the server through the AWS SDK. */
  readonly env: Readonly<Record<string, string>>
  /** A bucket that is there; empty unless data are kept. */
  readonly bucket: string
  stop(): Promise<void>
}

export interface S3ServerOptions {
  /** Where data are kept; by default they are thrown away in the end. */
  readonly folder?: string
  /** Default: any. */
  readonly port?: number
}

const KEY = 'scythe'
const SECRET = 'scythe-secret'
const BUCKET = 'scythe'

export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const program = await buildS3Server()
  const [port] = options.port ? [options.port] : await freePorts(1)
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'scythe-s3-')))
  // To this server, a folder is a bucket.
  await mkdir(join(folder, BUCKET), { recursive: true })
  const endpoint = `http://127.0.0.1:${port}`
  const server = startGuarded({
    title: 'The S3 server',
    program,
    args: ['--quiet', '--keep-alive', '--port', `127.0.0.1:${port}`, 'posix', folder],
    env: { ...process.env, ROOT_ACCESS_KEY: KEY, ROOT_SECRET_KEY: SECRET },
    temporaryFolder: options.folder === undefined ? folder : undefined,
  })
  await server.ready(async () => (await fetch(endpoint).catch(() => undefined)) !== undefined)
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: KEY,
    AWS_SECRET_ACCESS_KEY: SECRET,
  }
  return { endpoint, env, bucket: BUCKET, stop: server.stop }
}
