import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { buildS3Server } from '../../tools/s3/build.js'

export interface S3Server {
  readonly endpoint: string
  /** What a process needs in its environment to use the server through the AWS SDK. */
  readonly env: Readonly<Record<string, string>>
  /** An empty bucket. */
  readonly bucket: string
  stop(): Promise<void>
}

const START_TRIES = 3
const START_MS = 30_000
const POLL_MS = 20
const CREDENTIALS = { accessKeyId: 'scythe', secretAccessKey: 'scythe-secret' }

/**
 * The server's life hangs on the standard input of this shell: when it closes, because we stop the server or are killed
 * ourselves, the server ends and its folder goes.
 */
const GUARD = `
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & server=$!
{ cat <&3 >/dev/null; kill -9 "$server"; } 2>/dev/null & guard=$!
wait "$server" 2>/dev/null
kill "$guard" 2>/dev/null
rm -rf "$folder"
`

/** Starts a real S3 server for this process alone, with one bucket. */
export async function startS3Server(): Promise<S3Server> {
  const program = await buildS3Server()
  for (let tries = 1; tries <= START_TRIES; tries++) {
    const port = await freePort()
    const endpoint = `http://127.0.0.1:${port}`
    const guard = await spawnServer(program, port)
    if (await answers(endpoint, guard)) return await serverWithBucket(endpoint, guard)
    // Another may have taken the port in between.
    await stop(guard)
  }
  throw new Error(`The S3 server ${program} did not start.`)
}

async function spawnServer(program: string, port: number): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'scythe-s3-'))
  const args = ['--quiet', '--keep-alive', '--port', `127.0.0.1:${port}`, 'posix', folder]
  return spawn('sh', ['-c', GUARD, 'sh', folder, program, ...args], {
    // Not in our process group: an interrupt from the terminal is for us, and the guard cleans up after it.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, ROOT_ACCESS_KEY: CREDENTIALS.accessKeyId, ROOT_SECRET_KEY: CREDENTIALS.secretAccessKey },
  })
}

async function serverWithBucket(endpoint: string, guard: ChildProcess): Promise<S3Server> {
  const bucket = 'scythe-test'
  const client = new S3Client({ endpoint, region: 'us-east-1', credentials: CREDENTIALS, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  }
  return { endpoint, env, bucket, stop: () => stop(guard) }
}

async function answers(endpoint: string, guard: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + START_MS
  while (guard.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(endpoint).catch(() => undefined)
    if (answer) return true
    await setTimeout(POLL_MS)
  }
  return false
}

async function stop(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return
  const exited = once(guard, 'exit')
  guard.stdin?.end()
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  return address.port
}
