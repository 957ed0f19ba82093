import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { isAlive } from '../support/processes.js'
import { holdOn, startHelper } from './fixtures/orphans.js'
import { testRun } from './support.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface AtWork {
  readonly pids: readonly number[]
  readonly tempdir: string
}

async function atWork(pidFile: string): Promise<AtWork> {
  await until(() => existsSync(pidFile))
  return JSON.parse(await readFile(pidFile, 'utf8'))
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + 200_000; !isTrue(); await sleep(20)) {
    if (Date.now() > end) throw new Error('It did not come to that.')
  }
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'when %s ends the program, none of its child processes and no folder is left',
  async (signal) => {
    const pidFiles = [join(folder, 'spinning'), join(folder, 'waiting')]
    const program = fileURLToPath(new URL('fixtures/doomed-parent.ts', import.meta.url))
    const parent = spawn(process.execPath, ['--import', 'tsx', program, ...pidFiles], {
      stdio: 'inherit',
      env: { ...process.env, TMPDIR: folder },
    })
    const all = await Promise.all(pidFiles.map(atWork))
    const pids = all.flatMap(({ pids }) => pids)
    expect(pids.map(isAlive)).toEqual([true, true, true, true])
    expect(existsSync(all[0]!.tempdir)).toBe(true)
    parent.kill(signal)
    await until(() => !pids.some(isAlive))
    await until(() => !all.some(({ tempdir }) => existsSync(tempdir)))
  },
)

test('a program that does not close its pool exits, and leaves nothing behind', async () => {
  const program = fileURLToPath(new URL('fixtures/careless-parent.ts', import.meta.url))
  const parent = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  })
  const [code, pid] = await Promise.all([new Promise((resolve) => parent.once('exit', resolve)), text(parent.stdout!)])
  expect(code).toBe(0)
  expect(Number(pid)).toBeGreaterThan(0)
  await until(() => !isAlive(Number(pid)))
  expect((await readdir(folder)).filter((name) => name.startsWith('scythe-'))).toEqual([])
})

test('closing a pool ends what runs, with its child processes, and fails its batch', async () => {
  const pool = createPool({ slots: 1, worker: 'test', tempRoot: folder })
  const pidFile = join(folder, 'pids')
  const run = testRun(ExperimentRegistry.get(holdOn), [{ pidFile, spin: false }])
  const waiting = testRun(ExperimentRegistry.get(holdOn), [{ pidFile, spin: false }])
  const results = [pool.run(run.batch, run.host), pool.run(waiting.batch, waiting.host)].map((result) =>
    result.catch((error) => error.code),
  )
  const { pids, tempdir } = await atWork(pidFile)
  await pool.close()
  expect(await Promise.all(results)).toEqual(['CANCELLED', 'CANCELLED'])
  await until(() => !pids.some(isAlive))
  expect(existsSync(tempdir)).toBe(false)
})

test.skipIf(process.platform !== 'linux')(
  'a helper in its own session ends with a spec that is ended, and stays if the spec ended by itself',
  async () => {
    const helperOf = async (ends: boolean) => {
      const pool = createPool({ slots: 1, worker: 'test', tempRoot: folder })
      const pidFile = join(folder, `helper-${ends}`)
      const experiment = ExperimentRegistry.get(startHelper)
      const run = testRun(experiment, [{ pidFile, ends }])
      await pool.run(run.batch, run.host)
      await pool.close()
      return Number(await readFile(pidFile, 'utf8'))
    }
    const [ended, endless] = [await helperOf(true), await helperOf(false)]
    await until(() => !isAlive(endless))
    expect(isAlive(ended)).toBe(true)
    process.kill(ended, 'SIGKILL')
  },
)
