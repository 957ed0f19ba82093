import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const run = promisify(execFile)
const PYTHON = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python'
/** Fails where Python is older than what requirements.txt needs, or has no virtual environments. */
const CHECK = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))'

const REQUIREMENTS = { test: 'requirements.txt', bench: 'requirements-bench.txt' }

/**
 * The Python of a virtual environment with what tests need, or with what benchmarks measure against, made once a machine.
 * Several processes may ask at the same time. Its other programs (pip, dask …) run as modules: `python -m pip`.
 */
export async function python(purpose: keyof typeof REQUIREMENTS): Promise<string> {
  const requirements = join(here, REQUIREMENTS[purpose])
  const folder = await cacheFolder(requirements)
  const program = join(folder, PYTHON)
  if (await exists(program)) return program
  await mkdir(dirname(folder), { recursive: true })
  const building = await mkdtemp(`${folder}.building-`)
  try {
    await run('python3', ['-m', 'venv', building])
    await run(join(building, PYTHON), ['-m', 'pip', 'install', '--quiet', '-r', requirements])
    await rename(building, folder)
  } catch (error) {
    if (!(await exists(program))) throw error
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return program
}

/** Why there is no Python to be had here, and what would bring it in. `undefined` where there is. */
export async function whyNoPython(): Promise<string | undefined> {
  const found = await run('python3', ['-c', CHECK]).catch(() => undefined)
  return found ? undefined : 'it needs python3 on PATH, 3.10 or newer and with venv (https://www.python.org/downloads)'
}

async function cacheFolder(requirements: string): Promise<string> {
  const env = process.env
  const cache = env.SCYTHE_TOOLS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'scythe-tools')
  const hash = createHash('sha256').update((await run('python3', ['--version'])).stdout)
  hash.update(await readFile(requirements))
  return join(cache, `python-${hash.digest('hex').slice(0, 16)}`)
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
