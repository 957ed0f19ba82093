import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLocalEngine } from '../../src/engine/local.js'
import { createPool } from '../../src/execute/pool/pool.js'
import { BaseExperiment, openStore, type Run } from '../../src/index.js'
import { failing, profile } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { type NodeWork, nodeTasks, nodeWork } from '../support/tasks.js'

/** Opens the local engine with real processes, and with tasks that go wrong as `withFaults` says. */
async function engineThat(withFaults: (work: NodeWork) => Partial<NodeWork>) {
  const pool = createPool({ slots: 2, worker: 'faulty' })
  const engine = createLocalEngine()
  onTestFinished(async () => {
    await engine.close()
    await pool.close()
  })
  const work = nodeWork(pool)
  await engine.serve(nodeTasks({ ...work, ...withFaults(work) }), { name: 'faulty', slots: 4, labels: {} })
  return engine
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }))

async function allocate(count: number, withFaults: (work: NodeWork) => Partial<NodeWork>, batch = 10) {
  const store = await temporaryFolder()
  const experiment = new BaseExperiment({ runnable: failing, store })
  const engine = await engineThat(withFaults)
  return { store, ...(await experiment.allocate(numbers(count), { engine, batch })) }
}

function errorWith(code: string | undefined, message = 'it broke') {
  return Object.assign(new Error(message), code === undefined ? {} : { code })
}

async function valuesOf(run: Run) {
  return (await collect(run.rows('scalars'))).map((row) => row.twice)
}

const twice = (count: number) => numbers(count).map(({ n }) => n * 2)

describe('a run with a faulty engine', () => {
  it('ends even if the end of a batch is lost', async () => {
    const { run, ref } = await allocate(40, (work) => ({
      async leaf(task, host) {
        const receipt = await work.leaf(task, host)
        return task.start === 20 ? new Promise(() => {}) : receipt
      },
    }))
    expect(await ref.result()).toMatchObject({ results: 40, errors: 0 })
    expect(await valuesOf(run)).toEqual(twice(40))
  })

  it('counts no row twice if a batch is delivered twice, and sweeps the parts of the losing attempt', async () => {
    const { run, ref, store } = await allocate(40, (work) => ({
      leaf: async (task, host) => (await Promise.all([work.leaf(task, host), work.leaf(task, host)]))[0],
    }))
    expect(await ref.result()).toMatchObject({ results: 40, errors: 0 })
    expect(await valuesOf(run)).toEqual(twice(40))
    const parts = await openStore(join(store, run.id)).listFolders('parts/')
    expect(parts).toHaveLength(4)
  })

  it('accepts nothing but a receipt as success', async () => {
    let lies = 0
    const { run, ref } = await allocate(30, (work) => ({
      async leaf(task, host) {
        if (task.start === 10 && lies < 2) return lies++ === 0 ? {} : null
        return work.leaf(task, host)
      },
    }))
    expect(await ref.result()).toMatchObject({ results: 30, errors: 0 })
    expect(lies).toBe(2)
    expect(await valuesOf(run)).toEqual(twice(30))
  })

  it('runs the specs of a batch under which workers died one at a time, and writes an error row only for the spec that kills a worker alone', async () => {
    const tried: number[] = []
    const { run, ref } = await allocate(30, (work) => ({
      async leaf(task, host) {
        if (task.start > 13 || task.end <= 13) return work.leaf(task, host)
        tried.push(task.end - task.start)
        throw errorWith('TASK_DEADLY', 'the worker caught fire')
      },
    }))
    expect(await ref.result()).toMatchObject({ results: 29, errors: 1 })
    expect(tried).toEqual([10, 10, 10, 1, 1, 1])
    const errors = await collect(run.errors())
    expect(errors).toMatchObject([{ sort_index: 13, n: 13, error_code: 'BATCH_LOST', error_attempts: 3 }])
    expect(errors[0]!.error_message).toMatch(/also when it ran alone: .*caught fire/)
  })

  const codes = [
    'STORE_UNUSABLE',
    'CANCELLED',
    'NODE_FAILED',
    'TASK_FAILED',
    'ENGINE_UNAVAILABLE',
    'PROCESS_FAILED',
    'EMFILE',
    'UNEXPECTED',
    undefined,
  ]
  it.each(codes)(
    'does not blame specs for %s: their run fails without error rows for them, and can be resumed',
    async (code) => {
      let tries = 0
      const { run, ref } = await allocate(30, (work) => ({
        async leaf(task, host) {
          if (task.start !== 10) return work.leaf(task, host)
          // One death among other ends proves nothing.
          tries += 1
          throw tries === 2 ? errorWith('TASK_DEADLY') : errorWith(code)
        },
      }))
      await expect(ref.result()).rejects.toMatchObject({ code: 'NODE_FAILED', start: 10, end: 20 })
      expect(await run.status()).toMatchObject({ errors: 0, state: 'open' })
      const engine = await engineThat(() => ({}))
      expect(await (await run.resume({ engine })).result()).toMatchObject({ results: 30, errors: 0 })
    },
  )

  it('fails without rows of the batches that it stops', async () => {
    const { run, ref } = await allocate(30, () => ({
      async leaf(task, host) {
        if (task.start === 0) throw errorWith('STORE_UNUSABLE')
        // As a batch that is running: it ends when it is stopped, and is found to have been.
        await new Promise((resolve) => host.signal.addEventListener('abort', resolve))
        throw errorWith('CANCELLED')
      },
    }))
    await expect(ref.result()).rejects.toMatchObject({ code: 'NODE_FAILED', start: 0, end: 10 })
    expect(await run.status()).toMatchObject({ results: 0, errors: 0, open: 30 })
    const engine = await engineThat(() => ({}))
    expect(await (await run.resume({ engine })).result()).toMatchObject({ results: 30, errors: 0 })
  })

  it('runs a batch again however often the engine loses its task', async () => {
    let lost = 0
    const { run, ref } = await allocate(30, (work) => ({
      fan: (task, host) =>
        work.fan(task, {
          ...host,
          spawn(child, key) {
            const handle = host.spawn(child, key)
            if (child.start !== 10 || lost++ >= 4) return handle
            const error = new Error('no such task')
            return { ...handle, done: Promise.resolve({ id: 'nowhere', status: 'lost', error }) }
          },
        }),
    }))
    expect(await ref.result()).toMatchObject({ results: 30, errors: 0 })
    expect(lost).toBeGreaterThan(3)
    expect(await valuesOf(run)).toEqual(twice(30))
  })

  it.each(['requeued', 'expired', 'cancelled'] as const)(
    'does not blame specs for a batch that ended as %s: the run fails without rows for them',
    async (status) => {
      const { run, ref } = await allocate(30, (work) => ({
        fan: (task, host) =>
          work.fan(task, {
            ...host,
            spawn(child, key) {
              if (child.start !== 10) return host.spawn(child, key)
              const done = Promise.resolve({ id: 'task', status, error: new Error(`it was ${status}`) })
              return { done, started: async () => {}, cancel: async () => {} }
            },
          }),
      }))
      const message = expect.stringContaining(`it was ${status}`)
      await expect(ref.result()).rejects.toMatchObject({ code: 'NODE_FAILED', start: 10, message })
      expect(await run.status()).toMatchObject({ errors: 0, state: 'open' })
    },
  )

  it('fails, and can be resumed, if the failure of a batch is not about its specs', async () => {
    let isBroken = true
    const { run, ref } = await allocate(30, (work) => ({
      async leaf(task, host) {
        if (isBroken && task.start === 10)
          throw Object.assign(new Error('no module'), { code: 'EXPERIMENT_NOT_LOADED' })
        return work.leaf(task, host)
      },
    }))
    await expect(ref.result()).rejects.toMatchObject({ code: 'NODE_FAILED', start: 10, end: 20 })
    expect(await run.status()).toMatchObject({ errors: 0, state: 'open' })
    isBroken = false
    const engine = await engineThat(() => ({}))
    expect(await (await run.resume({ engine })).result()).toMatchObject({ results: 30, errors: 0 })
  })

  it('writes identical final tables if its root runs again', async () => {
    const store = await temporaryFolder()
    const engine = await engineThat(() => ({}))
    const specs = Array.from({ length: 50 }, (_, n) => ({ base: n, steps: n % 3 }))
    const { run, ref } = await new BaseExperiment({ runnable: profile, store }).allocate(specs, { engine, batch: 8 })
    await ref.result()
    const folder = openStore(join(store, run.id))
    const before = JSON.parse(Buffer.from(await folder.get('receipt.json')).toString())
    await rm(join(store, run.id, 'receipt.json'))
    await rm(join(store, run.id, 'final'), { recursive: true })
    await (await run.resume({ engine: await engineThat(() => ({})) })).result()
    const after = JSON.parse(Buffer.from(await folder.get('receipt.json')).toString())
    expect(after.tables.scalars.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(after).toEqual(before)
  })
})
