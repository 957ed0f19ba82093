// A Hatchet engine for a person to play with, until Ctrl-C; with `--s3` an S3 server, too. Data, ports and tokens are kept.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { freePorts } from '../ports.js'
import { type S3Server, startS3Server } from '../s3/server.js'
import { whyNoEngine } from './build.js'
import { type Hatchet, startHatchet } from './hatchet.js'

const IMAGE = 'ghcr.io/hatchet-dev/hatchet/hatchet-lite'
const folder = fileURLToPath(new URL('../../.cache/engine', import.meta.url))

const options = readOptions()
const reason = await whyNoEngine()
if (reason) fail(`this cannot run here: ${reason}, or use the Docker image ${IMAGE}`)

const engine = await startHatchet({ folder })
const s3 = options.s3 ? await startKeptS3Server() : undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop())
console.log(howToUse(engine, s3))

function readOptions(): { s3?: boolean } {
  try {
    return parseArgs({ options: { s3: { type: 'boolean' } } }).values
  } catch (error) {
    fail((error as Error).message)
  }
}

async function startKeptS3Server(): Promise<S3Server> {
  const kept = join(folder, 's3')
  await mkdir(kept, { recursive: true })
  return await startS3Server({ folder: join(kept, 'data'), port: await samePort(join(kept, 'port')) })
}

/** The port of the last time, so that what was exported then stays good. */
async function samePort(file: string): Promise<number> {
  const last = await readFile(file, 'utf8').catch(() => undefined)
  const [port] = last ? [Number(last)] : await freePorts(1)
  await writeFile(file, `${port}`)
  return port!
}

function howToUse(engine: Hatchet, s3: S3Server | undefined): string {
  const env = { ...engine.env, ...(s3 && { ...s3.env, SCYTHE_STORAGE_BUCKET: s3.bucket }) }
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${value}`)
  const what = s3 ? 'A Hatchet engine and an S3 server run' : 'A Hatchet engine runs'
  return [
    `${what} until Ctrl-C; data and logs are in ${relative(process.cwd(), folder)}. To use it in another terminal:`,
    '',
    ...lines,
  ].join('\n')
}

async function stop(): Promise<void> {
  await Promise.all([engine.stop(), s3?.stop()])
}

function fail(message: string): never {
  process.stderr.write(`scythe: ${message}\n`)
  process.exit(1)
}
