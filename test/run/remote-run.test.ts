import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { deferred } from '../../src/async/promises.js'
import type { Engine, FoundRoot } from '../../src/engine/engine.js'
import { EngineUnavailableError, RunCancelledError } from '../../src/engine/errors.js'
import { BaseExperiment, openRun, openStore, type RunProgress } from '../../src/index.js'
import type { Task, TaskEnd } from '../../src/scatter/task.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import { failing } from '../fixtures/experiments.js'
import { temporaryFolder } from '../support/folders.js'
import { leaveReceipt, leaveRunReceipt } from './receipts.js'

/** An engine elsewhere: it takes tasks, and the test is its workers. */
function elsewhere(lacking: () => Promise<string[]> = async () => []) {
  const submitted: Task[] = []
  const roots = new Map<string, FoundRoot['state']>()
  const root = deferred<TaskEnd>()
  const handle = (id: string) => ({ id, done: root.promise, started: async () => {}, cancel: async () => {} })
  const engine: Engine = {
    name: 'elsewhere',
    location: 'elsewhere',
    abilities: {
      outlivesProcess: true,
      joins: true,
      specTasks: true,
      workflows: false,
      expires: true,
      requeues: true,
    },
    checkReachable: async () => {},
    runWorkflow: () => Promise.reject(new Error('There are no workflows here.')),
    async find(id) {
      const state = roots.get(id)
      return state && { state, join: () => handle(id) }
    },
    lacking,
    prepare() {},
    async submit(task) {
      const id = `root ${submitted.push(task)}`
      roots.set(id, 'running')
      return handle(id)
    },
    async cancel() {},
    serve: () => Promise.reject(new Error('The test is the worker.')),
    async close() {},
  }
  return { engine, root, roots, submitted }
}

async function allocate(engine: Engine, options: { onProgress?(progress: RunProgress): void } = {}) {
  const store = openStore(await temporaryFolder())
  const specs = Array.from({ length: 10 }, (_, n) => ({ n }))
  const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(specs, { engine, ...options })
  return { run, ref, folder: scopedStore(store, run.id) }
}

/** Progress as it is told, to be waited for. */
function listen() {
  const told: RunProgress[] = []
  let waiting: (() => void) | undefined
  return {
    told,
    onProgress(progress: RunProgress) {
      told.push(progress)
      waiting?.()
    },
    async until(wanted: (progress: RunProgress) => boolean): Promise<void> {
      while (!told.some(wanted)) {
        await new Promise<void>((resolve) => {
          waiting = resolve
        })
      }
    },
  }
}

describe('a run on a remote engine', () => {
  it('has the progress in the store, and is done when its receipt exists, even if the engine reports nothing', async () => {
    const { engine } = elsewhere()
    const { told, onProgress, until } = listen()
    const { run, ref, folder } = await allocate(engine, { onProgress })
    const result = ref.result()
    await leaveReceipt(folder, 0, 4, 1)
    await until(({ done }) => done === 4)
    await leaveReceipt(folder, 4, 10)
    await leaveRunReceipt(folder, 10, 1)
    expect(await result).toEqual({ run: run.id, specs: 10, results: 9, errors: 1, tables: {} })
    expect(told).toEqual([
      { specs: 10, done: 0, errors: 0 },
      { specs: 10, done: 4, errors: 1 },
      { specs: 10, done: 10, errors: 1 },
    ])
  })

  it('writes nothing, and reads no spec, if the engine cannot be reached', async () => {
    const { engine, submitted } = elsewhere()
    const refusal = new EngineUnavailableError('hatchet', 'it refuses the token.')
    const store = await temporaryFolder()
    let asked = 0
    const specs = (function* () {
      yield { n: asked++ }
    })()
    const allocated = new BaseExperiment({ runnable: failing, store }).allocate(specs, {
      engine: { ...engine, checkReachable: () => Promise.reject(refusal) },
    })
    await expect(allocated).rejects.toBe(refusal)
    expect({ left: await readdir(store), asked, submitted }).toEqual({ left: [], asked: 0, submitted: [] })
  })

  it('starts without a worker that could run it, and reports what it waits for until a spec is done', async () => {
    let lacking = ['has_gpu']
    const { engine } = elsewhere(async () => lacking)
    const { told, onProgress, until } = listen()
    const { ref, folder } = await allocate(engine, { onProgress })
    const result = ref.result()
    await until(({ waitingFor }) => waitingFor?.[0] === 'has_gpu')
    lacking = []
    await leaveReceipt(folder, 0, 4)
    await until(({ done }) => done === 4)
    expect(told.at(-1)).toEqual({ specs: 10, done: 4, errors: 0 })
    await leaveRunReceipt(folder, 10)
    await result
  })

  it('continues if the engine cannot tell which requirements are unmet', async () => {
    const { engine } = elsewhere(() => Promise.reject(new Error('away')))
    const { onProgress, until } = listen()
    const { ref, folder } = await allocate(engine, { onProgress })
    const result = ref.result()
    await leaveReceipt(folder, 0, 4)
    await until(({ done }) => done === 4)
    await leaveRunReceipt(folder, 10)
    await result
  })

  it('is done when its receipt exists, whatever happened to its root', async () => {
    const { engine, root } = elsewhere()
    const { ref, folder } = await allocate(engine)
    const result = ref.result()
    await leaveRunReceipt(folder, 10)
    root.resolve({ id: 'root', status: 'lost', error: new Error('the root was lost') })
    expect(await result).toMatchObject({ specs: 10, results: 10 })
  })

  it('is not done merely because the engine reports it', async () => {
    const { engine, root } = elsewhere()
    const { run, ref } = await allocate(engine)
    root.resolve({ id: 'root', status: 'returned', value: {} })
    const error = { code: 'RUN_ENDED', run: run.id, message: expect.stringContaining('resume it') }
    await expect(ref.result()).rejects.toMatchObject(error)
  })

  it('reports why its root failed', async () => {
    const { engine, root } = elsewhere()
    const { run, ref } = await allocate(engine)
    root.resolve({ id: 'root', status: 'cancelled', error: new RunCancelledError(run.id) })
    await expect(ref.result()).rejects.toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('Resume it'),
    })
  })

  it('is joined, and not submitted again, by a process that resumes it while it is under way', async () => {
    const { engine, submitted } = elsewhere()
    const { run, folder } = await allocate(engine)
    const joined = await run.resume({ engine })
    await leaveRunReceipt(folder, 10)
    expect(await joined.result()).toMatchObject({ specs: 10 })
    expect(submitted).toHaveLength(1)
  })

  it('is submitted again if it has ended without being done, or if the engine has forgotten it', async () => {
    const { engine, roots, submitted } = elsewhere()
    const { run } = await allocate(engine)
    roots.set('root 1', 'cancelled')
    await run.resume({ engine })
    roots.delete('root 2')
    await run.resume({ engine })
    await run.resume({ engine })
    expect(submitted).toHaveLength(3)
  })

  it('has its own root if it is a copy', async () => {
    const { engine, submitted } = elsewhere()
    const { run, folder } = await allocate(engine)
    const copies = openStore(await temporaryFolder())
    for await (const { key } of folder.list('')) await scopedStore(copies, run.id).put(key, await folder.get(key))
    await (await openRun(copies, run.id)).resume({ engine })
    expect(submitted.map(({ store }) => store)).toEqual([expect.any(String), copies.uri])
  })

  it('is not submitted again if it is done', async () => {
    const { engine, submitted } = elsewhere()
    const { run, folder } = await allocate(engine)
    await leaveRunReceipt(folder, 10)
    expect(await (await run.resume({ engine })).result()).toMatchObject({ specs: 10 })
    expect(submitted).toHaveLength(1)
  })
})
