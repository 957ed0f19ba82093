import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, type TestContext } from 'vitest'
import { deferred } from '../../src/async/promises.js'
import type { EngineAbilities } from '../../src/engine/engine.js'
import type { Task, TaskEnd, TaskHost } from '../../src/scatter/task.js'
import { returned } from '../support/tasks.js'
import { type Arrangements, fanOfRows, GPU, type Suite, untilStopped } from './suite.js'

/** How tasks of an engine end, whatever becomes of their workers. */
export function endConformance(suite: Suite, { lostTask, requeues }: Arrangements) {
  /** Skips a test that only an engine with this ability can pass. */
  const needs = (ability: keyof EngineAbilities, { skip }: TestContext) =>
    skip(!suite.engine.abilities[ability], `this engine has not the ability ${ability}`)

  it('ends a task as returned, with its value', async () => {
    await suite.serve({ fan: async (task) => ({ saw: task.run }) })
    const task = suite.task('fan')
    const handle = await suite.engine.submit(task)
    expect(await handle.done).toEqual({ id: handle.id, status: 'returned', value: { saw: task.run } })
    await handle.started()
  })

  it('ends a task as failed, with the code and the message of the error on the worker', async () => {
    await suite.serve({
      fan: async (task) => {
        throw Object.assign(new Error('no wind today'), task.start === 0 ? { code: 'STORE_UNUSABLE' } : {})
      },
    })
    const [coded, plain] = await Promise.all(
      [0, 1].map(async (start) => (await suite.engine.submit(suite.task('fan', start, 2))).done),
    )
    const message = expect.stringContaining('no wind today')
    expect(coded).toMatchObject({ status: 'failed', error: { code: 'STORE_UNUSABLE', message } })
    expect(plain).toMatchObject({ status: 'failed', error: { message } })
  })

  it('ends a cancelled run as cancelled: running tasks are stopped, pending tasks never begin', async () => {
    const begun = deferred<void>()
    const rows: number[] = []
    const aborted = deferred<number>()
    const leaf = async (task: Task, host: TaskHost) => {
      rows.push(task.start)
      begun.resolve()
      await untilStopped(host).finally(() => aborted.resolve(task.start))
    }
    await suite.serve({ fan: fanOfRows, leaf }, { slots: 1 })
    const handle = await suite.engine.submit(suite.task('fan', 0, 4))
    await begun.promise
    await handle.cancel()
    expect(await handle.done).toMatchObject({ id: handle.id, status: 'cancelled', error: { code: 'CANCELLED' } })
    expect(rows).toEqual([await aborted.promise])
  })

  it('cancels a run by its name and its root, from any submitter', async () => {
    const begun = deferred<void>()
    const task = suite.task('fan')
    await suite.serve({
      fan: async (_, host) => {
        begun.resolve()
        await untilStopped(host)
      },
    })
    const handle = await suite.engine.submit(task)
    await begun.promise
    await suite.engine.cancel(task.run, handle.id)
    expect(await handle.done).toMatchObject({ status: 'cancelled' })
  })

  it('stops the children of a fan that fails', async () => {
    const stopped = deferred<void>()
    await suite.serve({
      fan: async (parent, host) => {
        const child = host.spawn({ ...parent, kind: 'leaf', depth: 1 }, 'only')
        await child.started()
        throw new Error('the fan fell over')
      },
      leaf: (_, host) => untilStopped(host).finally(stopped.resolve),
    })
    const { done } = await suite.engine.submit(suite.task('fan'))
    expect(await done).toMatchObject({ status: 'failed', error: { message: expect.stringMatching(/fell over/) } })
    await stopped.promise
  })

  it('keeps a task that no worker accepts until a worker connects, or ends it as expired', async () => {
    suite.limitWaiting(1_000)
    await suite.serve({
      async fan(parent, host) {
        const { id: _, ...end } = await host.spawn({ ...parent, kind: 'leaf', depth: 1 }, 'only').done
        return { ...end, ...('error' in end && { error: end.error.message }) }
      },
    })
    const handle = await suite.engine.submit(suite.task('fan', 0, 1, GPU))
    await handle.started()
    if (suite.engine.abilities.expires) {
      expect(await returned(handle.done)).toMatchObject({ status: 'expired' })
    } else {
      await sleep(1_500)
      await suite.serve({ leaf: async () => 'gpu' }, { labels: { has_gpu: 'yes' } })
      expect(await returned(handle.done)).toMatchObject({ status: 'returned', value: 'gpu' })
    }
  })

  it('delivers the tasks of a worker that shuts down to another worker, with their children', async (test) => {
    needs('requeues', test)
    const worker = { name: 'first' }
    const waits = deferred<void>()
    const leaves: string[] = []
    const fan = async (parent: Task, host: TaskHost) => {
      const child = await returned(host.spawn({ ...parent, kind: 'leaf', depth: 1 }, 'only').done)
      if (host.worker === 'second') return { child, worker: host.worker }
      waits.resolve()
      return untilStopped(host)
    }
    const leaf = async (_: Task, host: TaskHost) => `leaf ${leaves.push(host.worker)}`
    const first = await suite.serve({ fan, leaf }, worker)
    const handle = await suite.engine.submit(suite.task('fan'))
    await waits.promise
    await suite.serve({ fan, leaf }, { name: 'second' })
    await first.close({ drain: 0 })
    expect(await returned(handle.done)).toEqual({ child: 'leaf 1', worker: 'second' })
    expect(leaves).toHaveLength(1)
  })

  it.skipIf(requeues === undefined)('ends a task as requeued if every worker requeued it', async () => {
    const handle = await suite.engine.submit(suite.task('fan'))
    let end: TaskEnd | undefined
    void handle.done.then((how) => {
      end = how
    })
    for (let worker = 0; worker <= requeues!; worker++) {
      expect(end).toBeUndefined()
      const begun = deferred<void>()
      const fan = (_: Task, host: TaskHost) => {
        begun.resolve()
        return untilStopped(host)
      }
      const serving = await suite.serve({ fan }, { name: `worker ${worker}` })
      await begun.promise
      await serving.close({ drain: 0 })
    }
    expect(await handle.done).toMatchObject({ status: 'requeued', error: expect.any(Error) })
  })

  it.skipIf(!lostTask)('ends a task as lost if the engine does not know it', async () => {
    const { done } = await lostTask!(suite.engine)
    expect(await done).toMatchObject({ status: 'lost', error: expect.any(Error) })
  })

  it('finds the root of a run by its id, joins it if the engine can join, and otherwise finds none', async () => {
    const { engine } = suite
    const go = deferred<void>()
    const task = suite.task('fan')
    await suite.serve({
      async fan({ run }) {
        await go.promise
        return run
      },
    })
    const { id, done } = await engine.submit(task)
    const found = await engine.find(id, task.run)
    const joined = found?.join()
    go.resolve()
    expect(await returned(done)).toBe(task.run)
    expect(await engine.find('00000000-0000-4000-8000-000000000000', task.run)).toBeUndefined()
    if (!engine.abilities.joins) return expect(found).toBeUndefined()
    expect(found).toMatchObject({ state: 'running' })
    expect(joined).toMatchObject({ id })
    expect(await returned(joined!.done)).toBe(task.run)
    expect(await engine.find(id, task.run)).toMatchObject({ state: 'done' })
  })

  it('joins a root that has ended with the end that it had', async (test) => {
    needs('joins', test)
    const fan = async () => {
      throw new Error('no wind today')
    }
    await suite.serve({ fan })
    const task = suite.task('fan')
    const { id, done } = await suite.engine.submit(task)
    const end = await done
    const found = await suite.engine.find(id, task.run)
    const failure = expect.objectContaining({ message: expect.stringContaining('no wind today') })
    expect(found).toMatchObject({ state: 'failed', failure })
    expect(await found!.join().done).toMatchObject({ id, status: end.status, error: failure })
  })

  it('reports whether it runs workflows', async () => {
    if (suite.engine.abilities.workflows) return
    const workflow = { name: 'survey', definition: {} }
    await expect(suite.engine.runWorkflow(workflow, {}, {})).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  })
}
