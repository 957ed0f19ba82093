import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { deferred } from '../../src/async/promises.js'
import type { Engine, WorkerOptions } from '../../src/engine/engine.js'
import { compileExperiment } from '../../src/experiment/compile.js'
import type { Experiment } from '../../src/experiment/experiment.js'
import type { Handlers, Progress, Task, TaskHost } from '../../src/scatter/task.js'

const GPU = { has_gpu: { value: 'yes', required: true } }

function suiteExperiment(): Experiment {
  const name = `suite_${randomUUID().slice(0, 8)}`
  return compileExperiment(
    { input: z.object({}), output: z.object({}), name },
    async () => ({}),
    'file:///suite.js',
    name,
  )
}

/** What every engine must do, whatever moves its tasks. */
export function engineConformance(name: string, open: () => Promise<Engine>) {
  describe(`${name} engine`, () => {
    let engine: Engine
    /** One a test: workers of an earlier one may be known to an engine for some seconds more. */
    let experiment: Experiment
    beforeEach(async () => {
      engine = await open()
      experiment = suiteExperiment()
    })
    afterEach(() => engine.close())

    function task(kind: Task['kind'], start = 0, end = 1, depth = 0, labels: Task['labels'] = {}): Task {
      return {
        kind,
        store: 'file:///nowhere',
        run: `${experiment.name}/v1.0.0/2026-01-01_00-00-00`,
        experiment: experiment.name,
        labels,
        start,
        end,
        depth,
      }
    }

    function serve(handlers: Partial<Handlers>, worker: Partial<WorkerOptions> = {}) {
      const none = async () => {
        throw new Error('this worker has no such handler')
      }
      return engine.serve(
        { fan: none, leaf: none, single: none, pythonFan: none, ...handlers },
        { name: 'worker', slots: 2, labels: {}, experiments: [experiment], ...worker },
      )
    }

    /** A fan that spawns one leaf for each row of its range and gives what they gave. */
    const fanOfRows = (parent: Task, host: TaskHost) =>
      Promise.all(
        Array.from({ length: parent.end - parent.start }, (_, index) => {
          const start = parent.start + index
          const child = { ...parent, kind: 'leaf', start, end: start + 1, depth: parent.depth + 1 } as const
          return host.spawn(child, `${start}`).done
        }),
      )

    it('runs a task and gives what it gave', async () => {
      await serve({ fan: async (task) => ({ saw: task.run }) })
      const handle = await engine.submit(task('fan'))
      expect(await handle.done).toEqual({ saw: task('fan').run })
      await handle.started()
    })

    it('tells why a task failed', async () => {
      await serve({
        fan: async () => {
          throw new Error('no wind today')
        },
      })
      await expect((await engine.submit(task('fan'))).done).rejects.toThrow(/no wind today/)
    })

    it('hands children to the same root, each with an id of its own', async () => {
      await serve({ fan: fanOfRows, leaf: async (task, host) => ({ row: task.start, id: host.id, root: host.rootId }) })
      const handle = await engine.submit(task('fan', 0, 5))
      const seen = (await handle.done) as { row: number; id: string; root: string }[]
      expect(seen.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4])
      expect(new Set(seen.map(({ id }) => id)).size).toBe(5)
      expect(new Set(seen.map(({ root }) => root))).toEqual(new Set([handle.id]))
    })

    it('runs fans within fans on one slot', async () => {
      const fan = async (parent: Task, host: TaskHost): Promise<unknown> => {
        if (parent.depth === 2) return fanOfRows(parent, host)
        const half = (parent.start + parent.end) / 2
        const halves = [
          { ...parent, end: half, depth: parent.depth + 1 },
          { ...parent, start: half, depth: parent.depth + 1 },
        ]
        return (await Promise.all(halves.map((child) => host.spawn(child, `${child.start}`).done))).flat()
      }
      await serve({ fan, leaf: async (task) => task.start }, { slots: 1 })
      expect(await (await engine.submit(task('fan', 0, 16))).done).toEqual(Array.from({ length: 16 }, (_, row) => row))
    })

    it('runs no more leaves at once than there are slots, and as many', async () => {
      let now = 0
      let most = 0
      const full = deferred<void>()
      await serve(
        {
          fan: fanOfRows,
          leaf: async () => {
            now += 1
            most = Math.max(most, now)
            if (now === 3) full.resolve()
            await full.promise
            now -= 1
            return null
          },
        },
        { slots: 3 },
      )
      await (await engine.submit(task('fan', 0, 12))).done
      expect(most).toBe(3)
    })

    it('gives work to workers that have its labels only', async () => {
      const leaf = async (_: Task, host: TaskHost) => host.worker
      await serve({ fan: fanOfRows, leaf }, { name: 'plain', slots: 4 })
      await serve({ fan: fanOfRows, leaf }, { name: 'gpu', slots: 1, labels: { has_gpu: 'yes' } })
      const workers = await (await engine.submit(task('fan', 0, 8, 0, GPU))).done
      expect(new Set(workers as string[])).toEqual(new Set(['gpu']))
    })

    it('says which labels no worker has', async () => {
      await serve({})
      expect(await engine.lacking({ experiment: experiment.name, labels: GPU })).toEqual(['has_gpu'])
      await serve({}, { labels: { has_gpu: 'yes' } })
      expect(await engine.lacking({ experiment: experiment.name, labels: GPU })).toEqual([])
    })

    it('keeps work until a worker with its labels comes', async () => {
      await serve({ fan: fanOfRows, leaf: async () => 'plain' })
      const handle = await engine.submit(task('fan', 0, 2, 0, GPU))
      await handle.started()
      await serve({ leaf: async () => 'gpu' }, { labels: { has_gpu: 'yes' } })
      expect(await handle.done).toEqual(['gpu', 'gpu'])
    })

    it('gives what a worker refuses to another one', async () => {
      const refuse = async () => {
        throw Object.assign(new Error('other schemas'), { code: 'SCHEMAS_DIFFER' })
      }
      await serve({ fan: fanOfRows, leaf: refuse }, { name: 'older', slots: 1 })
      await serve({ fan: fanOfRows, leaf: async (_, host) => host.worker }, { name: 'newer', slots: 3 })
      const workers = await (await engine.submit(task('fan', 0, 3))).done
      expect(workers).toEqual(['newer', 'newer', 'newer'])
    })

    const NO_TASKS: Record<string, Partial<Record<keyof Task, unknown>>> = {
      'an end before its start': { start: 3, end: 2 },
      'no rows': { start: 3, end: 3 },
      'an end that is not a safe integer': { end: 2 ** 53 },
      'half a row': { start: 0.5 },
      'a depth beyond all': { depth: 1e9 },
      'a run outside of the store': { run: '../elsewhere' },
      'a store that is none': { store: 'nowhere' },
      'labels that are none': { labels: { has_gpu: 'yes' } },
    }
    it('does nothing with what is no task, from whomever it comes', async () => {
      const taken: string[] = []
      let sent: Partial<Task> = {}
      await serve({
        fan: async (parent, host) => {
          taken.push('fan')
          return host.spawn({ ...parent, kind: 'leaf', depth: 1, ...sent }, Object.keys(sent).join()).done
        },
        leaf: async () => taken.push('leaf'),
      })
      for (const [what, wrong] of Object.entries(NO_TASKS)) {
        sent = wrong as Partial<Task>
        const roots = await Promise.all([engine.submit({ ...task('fan'), ...sent }), engine.submit(task('fan'))])
        for (const { done } of roots) {
          const error = await done.catch((error) => error)
          const message = expect.stringMatching(/^Expected \S+ of a task to be .*, got /)
          expect({ what, error }).toMatchObject({ what, error: { code: 'TASK_INVALID', message } })
        }
      }
      expect(taken).toEqual(Object.keys(NO_TASKS).map(() => 'fan'))
    })

    it('cancels a run: what is running hears of it, what waits never starts', async () => {
      const begun = deferred<void>()
      const rows: number[] = []
      const aborted = deferred<number>()
      await serve(
        {
          fan: fanOfRows,
          leaf: async (task, host) => {
            rows.push(task.start)
            begun.resolve()
            await new Promise((_, reject) => {
              host.signal.addEventListener('abort', () => {
                aborted.resolve(task.start)
                reject(host.signal.reason)
              })
            })
          },
        },
        { slots: 1 },
      )
      const handle = await engine.submit(task('fan', 0, 4))
      await begun.promise
      await handle.cancel()
      await expect(handle.done).rejects.toThrow()
      expect(rows).toEqual([await aborted.promise])
    })

    it('stops what a fan spawned when the fan fails', async () => {
      const stopped = deferred<void>()
      await serve({
        fan: async (parent, host) => {
          const child = host.spawn({ ...parent, kind: 'leaf', depth: 1 }, 'only')
          await child.started()
          throw new Error('the fan fell over')
        },
        leaf: async (_, host) => {
          await new Promise((_, reject) => {
            host.signal.addEventListener('abort', () => {
              stopped.resolve()
              reject(host.signal.reason)
            })
          })
        },
      })
      await expect((await engine.submit(task('fan'))).done).rejects.toThrow(/fell over/)
      await stopped.promise
    })

    it('lets a worker that leaves finish what it has', async () => {
      const begun = deferred<void>()
      const go = deferred<void>()
      const serving = await serve({
        fan: async () => {
          begun.resolve()
          await go.promise
          return 'finished'
        },
      })
      const handle = await engine.submit(task('fan'))
      await begun.promise
      const closed = serving.close()
      go.resolve()
      await closed
      expect(await handle.done).toBe('finished')
    })

    it('brings reports of batches to whoever submitted', async () => {
      const reports: Progress[] = []
      await serve({
        fan: fanOfRows,
        leaf: async ({ start, end }, host) => {
          host.report({ start, end, done: 1, errors: 0 })
          return null
        },
      })
      await (await engine.submit(task('fan', 0, 3), { onProgress: (progress) => reports.push(progress) })).done
      expect(reports.map(({ start }) => start).sort()).toEqual([0, 1, 2])
    })
  })
}
