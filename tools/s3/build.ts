import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const run = promisify(execFile)

/** The S3 server that go.mod pins, built once a machine. Several processes may ask at the same time. */
export async function buildS3Server(): Promise<string> {
  const folder = await cacheFolder()
  const program = join(folder, 'versitygw')
  if (await exists(program)) return program
  await mkdir(dirname(folder), { recursive: true })
  const building = await mkdtemp(`${folder}.building-`)
  try {
    await run('go', ['install', 'tool'], { cwd: here, env: { ...process.env, GOBIN: building } })
    await rename(building, folder)
  } catch (error) {
    if (!(await exists(program))) throw error
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return program
}

/** Why the server cannot be had here, and what would bring it in. `undefined` where it can. */
export async function whyNoS3Server(): Promise<string | undefined> {
  if (await exists(join(await cacheFolder(), 'versitygw'))) return undefined
  const go = await run('go', ['version']).catch(() => undefined)
  return go
    ? undefined
    : 'it needs the S3 server of tools/s3, which Go builds; install Go 1.25 or newer (https://go.dev/dl)'
}

async function cacheFolder(): Promise<string> {
  const env = process.env
  const cache = env.SCYTHE_TOOLS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'scythe-tools')
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(here, file)))
  return join(cache, `s3-${hash.digest('hex').slice(0, 16)}`)
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
