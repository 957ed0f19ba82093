import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scythe } from '../cli/scythe.js'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { fixture, startWorker, type WorkerProcess } from './worker-process.js'

const HARBOUR = fixture('harbour.ts')
const SERVES = 'a worker that serves scythe_experiment_enter_harbour'
const WAIT = { timeout: 120_000, interval: 500 }

describe.skipIf(!(await hasEngine('workers of a rolling deployment')))(
  'a fleet whose workers have different code',
  () => {
    let hatchet: Hatchet
    const folder = mkdtempSync(join(tmpdir(), 'scythe-test-'))
    const workers = new Map<string, WorkerProcess>()

    beforeAll(async () => {
      hatchet = await startHatchet()
      writeFileSync(join(folder, 'specs.csv'), ['n', ...Array(40).keys()].join('\n'))
    })
    afterAll(async () => {
      await hatchet?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    async function start(version: string): Promise<void> {
      const env = { ...hatchet.env, HARBOUR: version, SCYTHE_WORKER_NAME: version, SCYTHE_WORKER_SLOTS: '2' }
      const worker = startWorker(folder, [HARBOUR], { ...env, SCYTHE_WORKER_HEALTH_PORT: '0' })
      workers.set(version, worker)
      await worker.said(/is ready/)
    }

    async function stop(version: string): Promise<string> {
      workers.get(version)!.child.kill('SIGTERM')
      return (await workers.get(version)!.ended).stderr
    }

    async function call(version: string, ...args: string[]) {
      const { code, stdout } = await scythe(folder, [...args, '--json'], { env: { ...hatchet.env, HARBOUR: version } })
      return { exit: code, ...JSON.parse(stdout) }
    }

    const run = (version: string, ...more: string[]) =>
      call(version, 'run', HARBOUR, '--specs', 'specs.csv', '--batch', '5', ...more)

    async function workersOf(id: string): Promise<Set<string>> {
      const { stdout } = await scythe(folder, ['results', id, '--format', 'jsonl'])
      return new Set(
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).worker),
      )
    }

    async function untilWaitingFor(id: string, what: string): Promise<void> {
      await expect.poll(() => call('new', 'status', id), WAIT).toMatchObject({ open: 40, waitingFor: [what] })
    }

    it('keeps a run pending that no worker can serve, and runs each of two schemas on the workers that serve it', async () => {
      await start('old')
      const { run: id } = await run('new', '--detach')
      await untilWaitingFor(id, `${SERVES} as this run needs it (old has other schemas)`)
      await start('new')
      expect(await call('new', 'resume', id)).toMatchObject({ exit: 0, results: 40, errors: 0 })
      const both = await Promise.all([run('old'), run('new')])
      expect(both).toMatchObject([
        { exit: 0, results: 40 },
        { exit: 0, results: 40 },
      ])
      expect(await Promise.all([id, ...both.map(({ run }) => run)].map(workersOf))).toEqual([
        new Set(['new']),
        new Set(['old']),
        new Set(['new']),
      ])
      for (const version of ['old', 'new']) expect(await stop(version)).not.toMatch(/which goes to others/)
    }, 300_000)

    it('requeues batches from a worker whose processes cannot load the code, and logs that once', async () => {
      await start('broken')
      const { run: id } = await run('new', '--detach')
      await untilWaitingFor(id, `${SERVES} as this run needs it (broken cannot load it)`)
      await start('new')
      expect(await call('new', 'resume', id)).toMatchObject({ exit: 0, results: 40, errors: 0 })
      expect(await workersOf(id)).toEqual(new Set(['new']))
      const said = await stop('broken')
      const refusals = said.match(
        /^scythe: worker broken takes nothing of scythe_experiment_enter_harbour for 30s.*the pier is gone/gm,
      )
      expect(refusals).toHaveLength(1)
      await stop('new')
    }, 300_000)
  },
)
