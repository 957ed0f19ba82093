import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { deferred } from '../../src/async/promises.js'
import type { Engine } from '../../src/engine/engine.js'
import { connect } from '../../src/engine/hatchet/client/connect.js'
import { createHandle } from '../../src/engine/hatchet/client/handle.js'
import { createResults } from '../../src/engine/hatchet/client/results.js'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import { BaseExperiment } from '../../src/index.js'
import type { Task } from '../../src/scatter/task.js'
import { failing } from '../fixtures/experiments.js'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { temporaryFolder } from '../support/folders.js'
import { type NodeWork, nodeTasks, returned } from '../support/tasks.js'
import { engineConformance } from './conformance.js'

describe.skipIf(!(await hasEngine('the hatchet engine')))('a Hatchet engine in use', () => {
  let hatchet: Hatchet

  beforeAll(async () => {
    hatchet = await startHatchet()
  })
  afterAll(() => hatchet.stop())

  engineConformance('hatchet', async () => createHatchetEngine({ connection: hatchet }), {
    async lostTask() {
      const client = connect('hatchet', hatchet)
      const results = createResults(client, 200)
      onTestFinished(() => results.close())
      return createHandle(client, results, Promise.resolve(randomUUID()), 'lost/v1.0.0/run')
    },
  })

  it('reports what is wrong with its connection settings', async () => {
    onTestFinished(() => void vi.unstubAllEnvs())
    for (const [name, value] of Object.entries(hatchet.env)) vi.stubEnv(name, value)
    const refusal = async (name: string, value: string) => {
      vi.stubEnv(name, value)
      const engine = createHatchetEngine()
      onTestFinished(() => engine.close())
      const store = await temporaryFolder()
      const error = await engine.cancel('no/v1.0.0/run').catch((error) => error)
      const allocated = new BaseExperiment({ runnable: failing, store }).allocate([{ n: 1 }], { engine })
      await expect(allocated).rejects.toMatchObject({ code: error.code, message: error.message })
      expect(await readdir(store)).toEqual([])
      vi.stubEnv(name, hatchet.env[name])
      return error
    }
    const code = 'ENGINE_UNAVAILABLE'
    const { grpcAddress, apiUrl, token } = hatchet
    expect(await refusal('HATCHET_CLIENT_API_URL', 'http://127.0.0.1:9')).toMatchObject({
      code,
      message: expect.stringContaining('http://127.0.0.1:9 does not answer (connect ECONNREFUSED'),
    })
    expect(await refusal('HATCHET_CLIENT_TLS_STRATEGY', 'tls')).toMatchObject({
      code,
      message: expect.stringContaining(`${grpcAddress} does not speak TLS. Set HATCHET_CLIENT_TLS_STRATEGY=none`),
    })
    expect(await refusal('HATCHET_CLIENT_TOKEN', token.replace(/\.[^.]*$/, '.AAAA'))).toMatchObject({
      code,
      message: expect.stringMatching(`${apiUrl} refuses the token .* Set HATCHET_CLIENT_TOKEN`),
    })
  })

  describe('a root', () => {
    const task = (run: string): Task => ({
      kind: 'fan',
      store: 'file:///nowhere',
      run: `${run}/v1.0.0/2026-01-01_00-00-00`,
      experiment: 'roots',
      labels: {},
      start: 0,
      end: 1,
      depth: 0,
    })

    async function serve(fan: NodeWork['fan']): Promise<Engine> {
      const engine = createHatchetEngine({ connection: hatchet })
      onTestFinished(() => engine.close())
      await engine.serve(nodeTasks({ fan }), { name: 'roots', slots: 0, labels: {} })
      return engine
    }

    it('is found by its id, and is joined by other processes while it runs', async () => {
      const go = deferred<void>()
      const engine = await serve(async ({ run }) => {
        await go.promise
        return run
      })
      const { id, done } = await engine.submit(task('found'))
      const other = createHatchetEngine({ connection: hatchet })
      onTestFinished(() => other.close())
      const found = await other.find(id, task('found').run)
      expect(found).toMatchObject({ state: 'running' })
      const joined = found!.join()
      expect(joined.id).toBe(id)
      go.resolve()
      expect(await Promise.all([returned(done), returned(joined.done)])).toEqual([task('found').run, task('found').run])
      expect(await other.find(id, task('found').run)).toMatchObject({ state: 'done' })
      expect(await other.find('00000000-0000-4000-8000-000000000000', task('found').run)).toBeUndefined()
    })

    it('is waited for while the engine knows it, and is not waited for otherwise', async () => {
      const go = deferred<void>()
      const engine = await serve(() => go.promise)
      onTestFinished(() => go.resolve())
      const { id } = await engine.submit(task('known'))
      const results = createResults(connect('hatchet', hatchet), 200)
      onTestFinished(() => results.close())
      const known = results.ended(id)
      await expect(results.ended(randomUUID())).rejects.toMatchObject({ code: 'TASK_UNKNOWN' })
      go.resolve()
      expect(await known).toEqual({ error: undefined, output: { result: null } })
    })

    it('can be cancelled by its id before any list of tasks has it, and has then ended', async () => {
      const go = deferred<void>()
      const engine = await serve(() => go.promise)
      onTestFinished(() => go.resolve())
      const { run } = task('stopped')
      const { id, done } = await engine.submit(task('stopped'))
      // As what was handed over in the last second is listed: not at all.
      await engine.cancel('nowhere/v1.0.0/listed', id)
      expect(await engine.find(id, run)).toMatchObject({ state: 'cancelled' })
      expect(await done).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } })
    })
  })
})
