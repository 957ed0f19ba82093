import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder, makeOnce } from '../cache.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const run = promisify(execFile)
const PYTHON = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python'
/** Fails where Python is older than what requirements.txt needs, or has no virtual environments. */
const CHECK = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))'

const REQUIREMENTS = {
  test: 'requirements.txt',
  interop: 'requirements-interop.txt',
  bench: 'requirements-bench.txt',
  deploy: 'requirements-deploy.txt',
  tables: 'requirements-tables.txt',
}

/**
 * The Python of a virtual environment with what tests need, with Python Scythe, with what benchmarks measure against, with what
 * deployments are checked with, or with what writes people's tables, made once a machine. Several processes may ask at the same time. Its other programs (pip, dask …) run as modules:
 * `python -m pip`.
 */
export async function python(purpose: keyof typeof REQUIREMENTS): Promise<string> {
  const requirements = join(here, REQUIREMENTS[purpose])
  const { stdout: version } = await run('python3', ['--version'])
  const folder = cacheFolder('python', [version, await readFile(requirements)])
  await makeOnce(folder, async (building) => {
    await run('python3', ['-m', 'venv', building])
    await run(join(building, PYTHON), ['-m', 'pip', 'install', '--quiet', '-r', requirements])
  })
  return join(folder, PYTHON)
}

/**
 * Returns a folder with one package alone, without what it depends on: put first on `PYTHONPATH`, it takes the place of another
 * version of that package in an environment.
 */
export async function pythonPackage(requirement: string): Promise<string> {
  const pip = await python('interop')
  const folder = cacheFolder('python-package', [requirement, pip])
  await makeOnce(folder, async (building) => {
    await run(pip, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', building, requirement])
  })
  return folder
}

/** Why there is no Python to be had here, and what would bring it in. `undefined` where there is. */
export async function whyNoPython(): Promise<string | undefined> {
  const found = await run('python3', ['-c', CHECK]).catch(() => undefined)
  return found ? undefined : 'it needs python3 on PATH, 3.10 or newer and with venv (https://www.python.org/downloads)'
}
