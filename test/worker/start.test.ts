import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { deferred } from '../../src/async/promises.js'
import type { Engine, WorkerHandle, WorkerOptions } from '../../src/engine/engine.js'
import { createLocalEngine } from '../../src/engine/local.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { nodeDefinition, type TaskDefinition } from '../../src/scatter/task.js'
import { ScytheWorkerConfig, type WorkerConfigOptions } from '../../src/worker/config.js'
import type { WorkerExperiment } from '../../src/worker/more-experiments.js'
import { temporaryFolder } from '../support/folders.js'

const schemas = { input: z.object({ n: z.int() }), output: z.object({ twice: z.int() }) }
const double = ({ n }: { n: number }) => ({ twice: n * 2 })

let stderr: MockInstance<typeof process.stderr.write>
beforeEach(() => {
  stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  stderr.mockRestore()
  ExperimentRegistry.clear()
})
const said = () => stderr.mock.calls.map(([text]) => text).join('')

/** The local engine, which records its calls and may be lost. */
function watched(ending: Partial<WorkerHandle> = {}) {
  const served: { readonly tasks: readonly TaskDefinition[]; readonly options: WorkerOptions }[] = []
  const calls: unknown[] = []
  const local = createLocalEngine()
  const engine: Engine = {
    ...local,
    async serve(tasks, options) {
      served.push({ tasks, options })
      const serving = await local.serve(tasks, options)
      return {
        ...serving,
        async close(options) {
          calls.push(options)
          await serving.close(options)
        },
        ...ending,
      }
    },
    async close() {
      calls.push('engine closed')
      await local.close()
    },
  }
  return { engine, served, calls }
}

/** A worker that leaves as soon as it may. */
async function worker(options: WorkerConfigOptions = {}): Promise<ScytheWorkerConfig> {
  vi.stubEnv('SCYTHE_STORAGE_FOLDER', await temporaryFolder())
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  return new ScytheWorkerConfig({ name: 'w1', slots: 3, idleExit: 1, ...options }, {})
}

describe('a worker', () => {
  it('offers the experiments in the registry and those passed to start', async () => {
    const registered = ExperimentRegistry.register({ ...schemas, name: 'first' })(double)
    const included = ExperimentRegistry.include({ name: 'included', definition: {} })
    const added = { name: 'added', definition: {} }
    const { engine, served, calls } = watched()
    await (await worker({ hasGpu: true, durableSlots: 7, drain: 1234 })).start({
      engine,
      experiments: [registered, { fn: async (spec) => double(spec), ...schemas, name: 'second', retries: 2 }],
      additionalWorkflows: [added],
    })
    expect(served).toHaveLength(1)
    expect(served[0]!.options).toMatchObject({
      name: 'w1',
      slots: 3,
      durableSlots: 7,
      labels: { has_gpu: 'yes' },
      workflows: [included, added],
    })
    const { tasks } = served[0]!
    expect(tasks.flatMap((task) => (task.takes === 'input' ? [task.name] : []))).toEqual(['first', 'second'])
    const experiments = nodeDefinition(tasks, 'leaf')!.experiments!
    expect(experiments.map(({ name, module, retries }) => ({ name, module, retries }))).toEqual([
      { name: 'first', module: import.meta.url, retries: 0 },
      { name: 'second', module: import.meta.url, retries: 2 },
    ])
    // An engine that was handed in stays open.
    expect(calls).toEqual([{ drain: 1234 }])
    expect(said()).toMatch(/^ {2}experiments {4}first, second\n {2}workflows {6}included, added$/m)
  })

  it.each([
    [{ doesFan: false }, { slots: 3, durableSlots: 0 }, 'leaf'],
    [{ doesLeaf: false }, { slots: 0, durableSlots: 1000 }, 'fan'],
  ])('accepts tasks according to its roles: %j', async (roles, slots, shown) => {
    ExperimentRegistry.register({ ...schemas, name: 'any' })(double)
    const { engine, served } = watched()
    await (await worker(roles)).start({ engine })
    expect(served[0]?.options).toMatchObject(slots)
    expect(said()).toMatch(new RegExp(`^ {2}roles {10}${shown}$`, 'm'))
  })

  it('drains and fails if the engine sends it no more tasks', async () => {
    const lost = deferred<never>()
    lost.promise.catch(() => {})
    const { engine, calls } = watched({ lost: lost.promise })
    const listeners = process.listenerCount('SIGTERM')
    const left = (await worker({ idleExit: undefined })).start({ engine })
    const reason = new Error('the engine has forgotten this worker')
    lost.reject(reason)
    await expect(left).rejects.toBe(reason)
    expect(calls).toEqual([{ drain: 25_000 }])
    expect(said()).toContain('scythe: stopping: no task in hand (the engine has forgotten this worker)\n')
    expect(process.listenerCount('SIGTERM')).toBe(listeners)
  })

  it('exits even if its engine does not answer at shutdown', async () => {
    const closing = deferred<void>()
    const lost = deferred<never>()
    lost.promise.catch(() => {})
    const { engine } = watched({
      lost: lost.promise,
      close() {
        closing.resolve()
        return new Promise(() => {})
      },
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const left = (await worker({ drain: '1h', idleExit: undefined })).start({ engine })
    const failure = expect(left).rejects.toThrow('gone')
    lost.reject(new Error('gone'))
    await closing.promise
    await vi.advanceTimersByTimeAsync(3_610_000)
    await failure
  })

  it('is rejected if it runs only experiments and has none', async () => {
    const { engine, served } = watched()
    await expect((await worker({ doesFan: false })).start({ engine })).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      problems: [{ variable: 'SCYTHE_WORKER_EXPERIMENTS' }],
    })
    expect(served).toEqual([])
  })

  it('rejects experiments that are not registered', async () => {
    await expect((await worker()).start({ experiments: [double] })).rejects.toMatchObject({
      code: 'EXPERIMENT_UNKNOWN',
    })
  })

  it.each(['first', { ...schemas }])('rejects a value that is not an experiment: %j', async (experiment) => {
    const experiments = [experiment as unknown as WorkerExperiment]
    await expect((await worker()).start({ experiments })).rejects.toMatchObject({
      code: 'EXPERIMENT_INVALID',
      message: expect.stringContaining('expected { fn, input, output }, got '),
    })
  })

  it('accepts no work if it cannot write to its store', async () => {
    const { engine, served } = watched()
    const refused = await worker()
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    vi.stubEnv('SCYTHE_STORAGE_FOLDER', file)
    await expect(refused.start({ engine })).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining(file),
    })
    expect(served).toEqual([])
  })

  it('shuts down at once, with the reason, if it is stopped before its engine has registered it', async () => {
    const { engine } = watched()
    const late = deferred<WorkerHandle>()
    const closed = deferred<unknown>()
    const slow: Engine = {
      ...engine,
      serve() {
        process.emit('SIGTERM', 'SIGTERM')
        return late.promise
      },
    }
    await (await worker({ idleExit: undefined })).start({ engine: slow })
    expect(said()).toBe('scythe: stopping: no task in hand (SIGTERM)\n')
    late.resolve({ close: async (options: unknown) => closed.resolve(options) } as unknown as WorkerHandle)
    expect(await closed.promise).toEqual({ drain: 0 })
  })

  it('accepts no work if its port is in use', async () => {
    const server = createServer().listen(0)
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const { engine, served } = watched()
    await expect((await worker({ healthPort: port })).start({ engine })).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      problems: [{ variable: 'SCYTHE_WORKER_HEALTH_PORT', value: String(port) }],
    })
    expect(served).toEqual([])
  })

  it('releases all that it opened if it cannot be served', async () => {
    const { engine } = watched()
    const listeners = process.listenerCount('SIGTERM')
    const refused = { ...engine, serve: () => Promise.reject(new Error('no such tenant')) }
    await expect((await worker({ healthPort: 0 })).start({ engine: refused })).rejects.toThrow('no such tenant')
    expect(process.listenerCount('SIGTERM')).toBe(listeners)
  })
})
