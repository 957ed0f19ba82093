import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import { scythe } from '../cli/scythe.js'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { nodeTasks } from '../support/tasks.js'
import { fixture, startWorker, watchWorker } from './worker-process.js'

const KILLERS = fixture('killers.ts')

// An engine takes half a minute to give a worker up, so they wait beside each other.
describe.skipIf(!(await hasEngine('tasks that kill workers')))('a task that killed two workers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scythe-test-'))
  /** One each: a worker that fans kill is not to have the other's. */
  let engines: Hatchet[]
  beforeAll(async () => {
    engines = await Promise.all([startHatchet(), startHatchet()])
    writeFileSync(join(folder, 'specs.csv'), 'n\n1\n')
  }, 300_000)
  afterAll(async () => {
    await Promise.all((engines ?? []).map((hatchet) => hatchet.stop()))
    rmSync(folder, { recursive: true, force: true })
  })

  it.concurrent('is not delivered to a third worker if it is a batch, and yields an error row only after two more workers died of its spec alone', async ({
    expect,
  }) => {
    const { env } = engines[0]!
    const start = async (name: string, more: Record<string, string>) => {
      const worker = startWorker(folder, [KILLERS], {
        ...env,
        SCYTHE_WORKER_NAME: name,
        SCYTHE_WORKER_SLOTS: '1',
        SCYTHE_WORKER_HEALTH_PORT: '0',
        ...more,
      })
      await worker.said(/is ready/)
      return worker
    }
    await start('fan', { SCYTHE_WORKER_DOES_LEAF: 'false' })
    const leaves = []
    for (const name of ['first', 'second', 'third', 'fourth', 'fifth'])
      leaves.push(await start(name, { SCYTHE_WORKER_DOES_FAN: 'false' }))
    const { code, stdout } = await scythe(folder, ['run', KILLERS, '--specs', 'specs.csv', '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({ results: 0, errors: 1 })
    expect(code).toBe(3)
    const errors = await scythe(folder, ['errors', 'latest', '--format', 'jsonl'], { env })
    expect(JSON.parse(errors.stdout)).toMatchObject({
      error_code: 'BATCH_LOST',
      error_message: expect.stringMatching(/also when it ran alone: 2 workers ended within 60 s after they took/),
    })
    expect(leaves.filter(({ child }) => child.signalCode === 'SIGKILL')).toHaveLength(4)
  }, 400_000)

  it.concurrent('is not delivered to a third worker if it is a fan, and the run fails with its specs named', async ({
    expect,
    onTestFinished,
  }) => {
    const hatchet = engines[1]!
    const script = join(import.meta.dirname, 'fixtures/fan-killer.ts')
    const start = async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', script], { env: { ...process.env, ...hatchet.env } })
      const worker = watchWorker(child)
      await worker.said(/ready/)
      return worker
    }
    const first = await start()
    const engine = createHatchetEngine({ connection: hatchet })
    onTestFinished(() => engine.close())
    const run = 'killer/v1.0.0/2026-01-01_00-00-00'
    const range = { start: 0, end: 40, depth: 0 } as const
    const root = await engine.submit({
      kind: 'fan',
      store: 'file:///nowhere',
      run,
      experiment: 'killer',
      labels: {},
      ...range,
    })
    await first.ended
    await (await start()).ended
    let taken = 0
    const fan = async () => (taken += 1)
    await engine.serve(nodeTasks({ fan }), { name: 'third', slots: 0, labels: {} })
    const message = expect.stringMatching(/^2 workers ended within 60 s after they took specs 0 to 39 of killer/)
    expect(await root.done).toMatchObject({ status: 'failed', error: { code: 'TASK_KILLS_WORKERS', message } })
    expect(taken).toBe(0)
  }, 400_000)
})
