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

/** `requirements.txt` is for tests, `requirements-bench.txt` has what benchmarks measure against. */
export type Requirements = 'requirements.txt' | 'requirements-bench.txt'

/**
 * The Python of a virtual environment with these requirements, made once a machine. Several processes may ask at the same
 * time. Its other programs (pip, dask …) run as modules: `python -m pip`.
 */
export async function pythonWith(requirements: Requirements): Promise<string> {
  const folder = await cacheFolder(requirements)
  const python = join(folder, PYTHON)
  if (await exists(python)) return python
  await mkdir(dirname(folder), { recursive: true })
  const building = await mkdtemp(`${folder}.building-`)
  try {
    await run('python3', ['-m', 'venv', building])
    await run(join(building, PYTHON), ['-m', 'pip', 'install', '--quiet', '-r', join(here, requirements)])
    await rename(building, folder)
  } catch (error) {
    if (!(await exists(python))) throw error
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return python
}

/** Why there is no Python to be had here, and what would bring it in. `undefined` where there is. */
export async function whyNoPython(): Promise<string | undefined> {
  const python = await run('python3', ['-c', CHECK]).catch(() => undefined)
  return python ? undefined : 'it needs python3 on PATH, 3.10 or newer and with venv (https://www.python.org/downloads)'
}

async function cacheFolder(requirements: Requirements): Promise<string> {
  const env = process.env
  const cache = env.SCYTHE_TOOLS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'scythe-tools')
  const hash = createHash('sha256').update((await run('python3', ['--version'])).stdout)
  hash.update(await readFile(join(here, requirements)))
  return join(cache, `python-${hash.digest('hex').slice(0, 16)}`)
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
