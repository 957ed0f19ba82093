import { expect, it } from 'vitest'
import { deferred } from '../../src/async/promises.js'
import type { Progress, Task, TaskHost } from '../../src/scatter/task.js'
import { returned } from '../support/tasks.js'
import { fanOfRows, GPU, type Suite } from './suite.js'

/** How an engine moves tasks to workers. */
export function deliveryConformance(suite: Suite) {
  it('delivers children to one root, each with its own id', async () => {
    const leaf = async (task: Task, host: TaskHost) => ({ row: task.start, id: host.id, root: host.rootId })
    await suite.serve({ fan: fanOfRows, leaf })
    const handle = await suite.engine.submit(suite.task('fan', 0, 5))
    const seen = (await returned(handle.done)) as { row: number; id: string; root: string }[]
    expect(seen.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4])
    expect(new Set(seen.map(({ id }) => id)).size).toBe(5)
    expect(new Set(seen.map(({ root }) => root))).toEqual(new Set([handle.id]))
  })

  it('runs nested fans on one slot', async () => {
    const fan = async (parent: Task, host: TaskHost): Promise<unknown> => {
      if (parent.depth === 2) return fanOfRows(parent, host)
      const half = (parent.start + parent.end) / 2
      const halves = [
        { ...parent, end: half, depth: parent.depth + 1 },
        { ...parent, start: half, depth: parent.depth + 1 },
      ]
      return (await Promise.all(halves.map((child) => returned(host.spawn(child, `${child.start}`).done)))).flat()
    }
    await suite.serve({ fan, leaf: async (task) => task.start }, { slots: 1 })
    const { done } = await suite.engine.submit(suite.task('fan', 0, 16))
    expect(await returned(done)).toEqual(Array.from({ length: 16 }, (_, row) => row))
  })

  it('runs exactly as many leaves concurrently as there are slots', async () => {
    let now = 0
    let most = 0
    const full = deferred<void>()
    await suite.serve(
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
    await returned((await suite.engine.submit(suite.task('fan', 0, 12))).done)
    expect(most).toBe(3)
  })

  it('delivers leaves only to workers that have the required labels', async () => {
    const leaf = async (_: Task, host: TaskHost) => host.worker
    await suite.serve({ fan: fanOfRows, leaf }, { name: 'plain', slots: 4 })
    await suite.serve({ fan: fanOfRows, leaf }, { name: 'gpu', slots: 1, labels: { has_gpu: 'yes' } })
    const workers = await returned((await suite.engine.submit(suite.task('fan', 0, 8, GPU))).done)
    expect(new Set(workers as string[])).toEqual(new Set(['gpu']))
  })

  it('reports the labels that no worker has', async () => {
    const needs = { experiment: suite.experiment.name, labels: GPU }
    await suite.serve({})
    expect(await suite.engine.lacking(needs)).toEqual(['has_gpu'])
    await suite.serve({}, { labels: { has_gpu: 'yes' } })
    expect(await suite.engine.lacking(needs)).toEqual([])
  })

  it('delivers a task that one worker rejects to another worker', async () => {
    const refuse = async () => {
      throw Object.assign(new Error('other schemas'), { code: 'SCHEMAS_DIFFER' })
    }
    await suite.serve({ fan: fanOfRows, leaf: refuse }, { name: 'older', slots: 1 })
    await suite.serve({ fan: fanOfRows, leaf: async (_, host) => host.worker }, { name: 'newer', slots: 3 })
    const { done } = await suite.engine.submit(suite.task('fan', 0, 3))
    expect(await returned(done)).toEqual(['newer', 'newer', 'newer'])
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
  it('delivers only valid tasks, whoever sends them', async () => {
    const taken: string[] = []
    let sent: Partial<Task> = {}
    await suite.serve({
      fan: async (parent, host) => {
        taken.push('fan')
        return returned(host.spawn({ ...parent, kind: 'leaf', depth: 1, ...sent }, Object.keys(sent).join()).done)
      },
      leaf: async () => taken.push('leaf'),
    })
    for (const [what, wrong] of Object.entries(NO_TASKS)) {
      sent = wrong as Partial<Task>
      const { engine } = suite
      const roots = await Promise.all([
        engine.submit({ ...suite.task('fan'), ...sent }),
        engine.submit(suite.task('fan')),
      ])
      for (const { done } of roots) {
        const message = expect.stringMatching(/^Expected \S+ of a task to be .*, got /)
        const error = expect.objectContaining({ code: 'TASK_INVALID', message })
        expect({ what, end: await done }).toMatchObject({ what, end: { status: 'failed', error } })
      }
    }
    expect(taken).toEqual(Object.keys(NO_TASKS).map(() => 'fan'))
  })

  it('lets a worker that shuts down finish its tasks', async () => {
    const begun = deferred<void>()
    const go = deferred<void>()
    const worker = await suite.serve({
      fan: async () => {
        begun.resolve()
        await go.promise
        return 'finished'
      },
    })
    const handle = await suite.engine.submit(suite.task('fan'))
    await begun.promise
    expect(worker.busy()).toBe(1)
    const closed = worker.close()
    go.resolve()
    await closed
    expect(await returned(handle.done)).toBe('finished')
  })

  it('reports the progress of batches to the submitter', async () => {
    const reports: Progress[] = []
    await suite.serve({
      fan: fanOfRows,
      leaf: async ({ start, end }, host) => {
        host.report({ start, end, done: 1, errors: 0 })
        return null
      },
    })
    const onProgress = (progress: Progress) => reports.push(progress)
    await returned((await suite.engine.submit(suite.task('fan', 0, 3), { onProgress })).done)
    expect(reports.map(({ start }) => start).sort()).toEqual([0, 1, 2])
  })
}
