import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, exists, makeOnce } from './cache.js'

const run = promisify(execFile)

/** Programs of others that Go builds for our tests and benchmarks. */
export interface GoTools {
  /** As in `the S3 server`. */
  readonly title: string
  /** Begins the name of its folder in the cache. */
  readonly name: string
  /** Holds a go.mod, whose `tool` lines name the programs, and a go.sum. */
  readonly folder: string
  readonly flags?: readonly string[]
}

/** The folder with the programs, which are built once a machine. Several processes may ask at the same time. */
export async function goTools(tools: GoTools): Promise<string> {
  const programs = await programsOf(tools)
  await makeOnce(programs, async (building) => {
    process.stderr.write(`scythe: building ${tools.title} with Go, once on this machine: takes minutes\n`)
    const env = { ...process.env, GOBIN: building }
    await run('go', ['install', ...(tools.flags ?? []), 'tool'], { cwd: tools.folder, env })
  })
  return programs
}

/** Why the programs cannot be had here, and what would bring them in. `undefined` where they can. */
export async function whyNoGoTools(tools: GoTools): Promise<string | undefined> {
  if (await exists(await programsOf(tools))) return undefined
  // Fails where Go is older than what go.mod asks for.
  const go = await run('go', ['list', '-m'], { cwd: tools.folder }).catch(() => undefined)
  if (go) return undefined
  const [, version] = /^go (\d+\.\d+)/m.exec(await readFile(join(tools.folder, 'go.mod'), 'utf8')) ?? []
  return `it needs ${tools.title}, which Go builds; install Go ${version} or newer (https://go.dev/dl)`
}

async function programsOf({ name, folder }: GoTools): Promise<string> {
  const files = ['go.mod', 'go.sum'].map((file) => readFile(join(folder, file)))
  return cacheFolder(name, await Promise.all(files))
}
