import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, chown, mkdir, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { leaveConnection, readConnection, removeConnection } from '../../src/engine/connection.js'
import { openStore } from '../../src/index.js'
import { markOf } from '../../src/settings/processes.js'
import { fixture as cliFixture, scythe, startScythe } from '../cli/scythe.js'
import { collect } from '../support/collect.js'
import { hasEngine } from '../support/engine.js'
import { temporaryFolder } from '../support/folders.js'
import { isAlive } from '../support/processes.js'
import { fixture, type WorkerProcess, watchWorker } from './worker-process.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const GROWTH = cliFixture('growth.ts')

/** What HATCHET_CLIENT_EMBEDDED_BINARY_PATH names: a program that starts the tests' own engine. */
async function sidecarIn(folder: string): Promise<string> {
  const program = join(folder, 'sidecar')
  const words = [process.execPath, '--import', import.meta.resolve('tsx'), fixture('sidecar.ts')]
  const script = `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`
  await writeFile(program, script, { mode: 0o755 })
  return program
}

/** What `npm start` does, in a process group of its own as from a terminal. */
function npmStart(folder: string, sidecar: string, env: NodeJS.ProcessEnv = {}): WorkerProcess {
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HATCHET_CLIENT_EMBEDDED_BINARY_PATH: sidecar,
      SCYTHE_WORKER_NAME: 'beside',
      SCYTHE_WORKER_SLOTS: '1',
      SCYTHE_WORKER_EXPERIMENTS: GROWTH,
      ...env,
    },
  })
  onTestFinished(() => {
    if (isAlive(-child.pid!)) process.kill(-child.pid!, 'SIGKILL')
  })
  return watchWorker(child)
}

/** Runs what its lines say, as another terminal in the same folder does. */
async function startRun(folder: string, lines: readonly object[]): Promise<ChildProcess> {
  await writeFile(join(folder, 'specs.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
  return startScythe(folder, ['run', GROWTH, '--specs', 'specs.jsonl', '--json'])
}

/** The sidecar is gone, and its engine with it. */
async function expectGone(folder: string, apiUrl: string): Promise<void> {
  const pid = Number(readFileSync(join(folder, '.scythe/sidecar.pid'), 'utf8'))
  while (isAlive(pid)) await sleep(20)
  await expect(fetch(apiUrl)).rejects.toThrow()
}

describe.skipIf(!(await hasEngine('the embedded engine')))('npm start without a token', () => {
  it('starts an engine that other processes in its folder use, and stops the engine when asked to stop', async () => {
    const folder = await temporaryFolder()
    const worker = npmStart(folder, await sidecarIn(folder))
    await worker.said(/engine +embedded[\s\S]*health/)
    const file = join(folder, '.scythe/engine.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const { pid, apiUrl } = JSON.parse(readFileSync(file, 'utf8'))
    expect(pid).toBe(worker.child.pid)

    await writeFile(join(folder, 'specs.jsonl'), '{"n":1}\n{"n":2,"fate":"wither"}\n{"n":3}')
    const { code, stdout } = await scythe(folder, ['run', GROWTH, '--specs', 'specs.jsonl', '--json'])
    expect(code).toBe(3)
    const { run, results, errors } = JSON.parse(stdout)
    expect({ results, errors }).toEqual({ results: 2, errors: 1 })
    const csv = await scythe(folder, ['errors', run, '--format', 'jsonl'])
    expect(JSON.parse(csv.stdout)).toMatchObject({ n: 2, error_worker: 'beside' })

    worker.child.kill('SIGTERM')
    expect((await worker.ended).code).toBe(0)
    expect(existsSync(file)).toBe(false)
    await expectGone(folder, apiUrl)
  })

  it('finishes the spec in flight and shuts down cleanly at Ctrl-C, which its engine receives too', async () => {
    const folder = await temporaryFolder()
    const calls = join(folder, 'calls')
    const worker = npmStart(folder, await sidecarIn(folder), { SCYTHE_WORKER_DRAIN: '4s' })
    await worker.said(/is ready/)
    const { apiUrl } = JSON.parse(readFileSync(join(folder, '.scythe/engine.json'), 'utf8'))
    const run = await startRun(folder, [{ n: 1, calls, ms: 600_000 }])
    while (!existsSync(calls)) await sleep(20)

    process.kill(-worker.child.pid!, 'SIGINT')
    await worker.said(/stopping: finishing/)
    writeFileSync(`${calls}.enough`, '')
    const { code } = await worker.ended
    expect(code).toBe(0)
    expect(existsSync(join(folder, '.scythe/engine.json'))).toBe(false)
    await expectGone(folder, apiUrl)
    run.kill('SIGKILL')
    const keys = (await collect(openStore(join(folder, '.scythe')).list(''))).map(({ key }) => key)
    expect(keys.filter((key) => /\/receipts\/receipt-0+-0*1\.json$/.test(key))).toHaveLength(1)
  })
})

describe('npm start without an engine to start', () => {
  it.each([
    ['a missing program', (folder: string) => join(folder, 'none')],
    ['a program that fails', () => '/bin/false'],
  ])('reports the alternatives: %s', async (_what, program) => {
    const folder = await temporaryFolder()
    const { code, stderr } = await npmStart(folder, program(folder)).ended
    expect(stderr).toMatch(
      /^scythe: The engine embedded cannot be used: its program cannot be fetched or started \(.*\)\. Set HATCHET_CLIENT_TOKEN/m,
    )
    expect(stderr).toMatch(/Docker \(ghcr\.io\/hatchet-dev\/hatchet\/hatchet-lite\).*SCYTHE_ENGINE=local/)
    expect(code).toBe(1)
    expect(existsSync(join(folder, '.scythe/engine.json'))).toBe(false)
  })
})

describe('the connection file of a process', () => {
  const connection = { token: 't', grpcAddress: '127.0.0.1:7', apiUrl: 'http://127.0.0.1:8' }
  const write = (folder: string, text: string, mode = 0o600) =>
    writeFile(join(folder, '.scythe/engine.json'), text, { mode })
  const leftBy = async (folder: string, pid: number, change: object = {}, mode = 0o600) => {
    await mkdir(join(folder, '.scythe'))
    await write(folder, JSON.stringify({ ...connection, pid, mark: markOf(pid) ?? 'gone', ...change }), mode)
  }

  async function inFolder(): Promise<string> {
    const before = process.cwd()
    const folder = await temporaryFolder()
    process.chdir(folder)
    onTestFinished(() => process.chdir(before))
    return folder
  }

  it('is used while that process runs', async () => {
    const folder = await inFolder()
    expect(readConnection()).toBeUndefined()
    await leftBy(folder, process.ppid)
    expect(readConnection()).toEqual(connection)
  })

  it('is ignored if that process has ended, even if its id is now the id of the current process', async () => {
    const folder = await inFolder()
    await leftBy(folder, spawnSync('true').pid)
    expect(readConnection()).toBeUndefined()
    const { code } = await scythe(folder, ['run', GROWTH, '--specs', '-'], { input: '{"n":1}' })
    expect(code).toBe(0)
    await write(folder, JSON.stringify({ ...connection, pid: process.pid, mark: markOf(process.ppid) }))
    expect(readConnection()).toBeUndefined()
  })

  it('is ignored with a warning, and receives no token, if another user planted it', async () => {
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => told.mockRestore())
    const said = () => told.mock.calls.splice(0).join('')
    const elsewhere = { grpcAddress: '203.0.113.7:7077', apiUrl: 'http://203.0.113.7:8888' }
    const planted: [string, object, number, RegExp][] = [
      ['for all to read', {}, 0o644, /others may open it \(its mode is not 600\)/],
      ['for its group to write', {}, 0o620, /others may open it/],
      ['with an engine elsewhere', elsewhere, 0o600, /an engine on another machine \(203\.0\.113\.7:7077/],
      ['with REST elsewhere', { apiUrl: elsewhere.apiUrl }, 0o600, /on another machine/],
      ['with an address in disguise', { grpcAddress: '127.0.0.1@203.0.113.7:80' }, 0o600, /on another machine/],
      ['with a name that begins right', { apiUrl: 'http://127.0.0.1.example.com' }, 0o600, /on another machine/],
      // What came with a copy of a folder has the mark of a process on the machine it was made on.
      ['with a guess', { mark: '00000000 12345' }, 0o600, /^$/],
    ]
    for (const [what, change, mode, reason] of planted) {
      const folder = await inFolder()
      await leftBy(folder, process.ppid, change, mode)
      // Whatever the umask of this process.
      await chmod(join(folder, '.scythe/engine.json'), mode)
      expect([what, readConnection()]).toEqual([what, undefined])
      expect(said()).toMatch(reason)
    }
    const folder = await inFolder()
    await leftBy(folder, process.ppid)
    await rename(join(folder, '.scythe/engine.json'), join(folder, 'other.json'))
    await symlink('../other.json', join(folder, '.scythe/engine.json'))
    expect(readConnection()).toBeUndefined()
    expect(said()).toMatch(/it is a link\. Remove it/)
  })

  it.skipIf(process.getuid?.() !== 0)('is ignored if it belongs to another user', async () => {
    const folder = await inFolder()
    await leftBy(folder, process.ppid)
    await chown(join(folder, '.scythe/engine.json'), 12345, 12345)
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => told.mockRestore())
    expect(readConnection()).toBeUndefined()
    expect(told.mock.calls.join('')).toMatch(/it belongs to another user/)
  })

  it('is reported if it cannot be read, instead of a silent switch to another engine, unless an engine is set', async () => {
    const folder = await inFolder()
    await mkdir(join(folder, '.scythe'))
    for (const text of ['', '{"token":', '{"token":"t"}']) {
      await write(folder, text)
      expect(() => readConnection()).toThrow(
        expect.objectContaining({
          code: 'ENGINE_UNAVAILABLE',
          message: expect.stringMatching(
            /\.scythe\/engine\.json, cannot be read \([\s\S]+\)\. Remove the file, or set/,
          ),
        }),
      )
    }
    const run = (env: NodeJS.ProcessEnv) => scythe(folder, ['run', GROWTH, '--specs', '-'], { input: '{"n":1}', env })
    expect(await run({})).toMatchObject({ code: 1, stderr: expect.stringContaining('.scythe/engine.json') })
    expect(await run({ SCYTHE_ENGINE: ' Local' })).toMatchObject({ code: 0 })
  })

  it('is readable by its user alone, even over an older file that was not, and is removed with the engine', async () => {
    const folder = await inFolder()
    await leftBy(folder, 1)
    leaveConnection(connection)
    const file = join(folder, '.scythe/engine.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(readConnection()).toEqual(connection)
    removeConnection()
    expect(existsSync(file)).toBe(false)
    expect(readConnection()).toBeUndefined()
  })
})
