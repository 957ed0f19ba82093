import { expect, test } from 'vitest'
import { deferred } from '../../src/async/promises.js'
import { TaskForbiddenError } from '../../src/scatter/errors.js'
import type { TaskDefinition, TaskHost, TaskKind } from '../../src/scatter/task.js'
import { createTaskCounters } from '../../src/worker/task-counters.js'
import { runInput } from '../support/tasks.js'

const abort = new AbortController()
const host = { id: 'task', signal: abort.signal, report: () => {} } as unknown as TaskHost

type Work = (host: TaskHost) => Promise<unknown>

const none = async () => {
  throw new Error('not this one')
}

/** Tasks of each kind, which do this work and are known by a name. */
function tasksOf(work: Readonly<Record<string, readonly [TaskKind, Work]>>): TaskDefinition[] {
  return Object.entries(work).map(([name, [kind, work]]) => ({
    takes: 'input',
    kind,
    name,
    form: {},
    run: async (_, host) => ({ done: await work(host) }),
  }))
}

function counted(work: Parameters<typeof tasksOf>[0]) {
  const counters = createTaskCounters()
  const seen: number[] = []
  counters.onChange(() => seen.push(counters.busy))
  const tasks = counters.count(tasksOf(work))
  return { counters, seen, run: (name: string, on = host) => runInput(tasks, name, {}, on) }
}

test('a worker counts tasks in flight while they run, and then by how they ended', async () => {
  const end = deferred<string>()
  const { counters, seen, run } = counted({ fan: ['fan', () => end.promise], leaf: ['leaf', none] })
  const fan = run('fan')
  const leaf = run('leaf')
  expect(counters.inFlight).toEqual({ fan: 1, leaf: 1, single: 0 })
  await expect(leaf).rejects.toThrow('not this one')
  end.resolve('receipt')
  expect(await fan).toEqual({ done: 'receipt' })
  expect(seen).toEqual([1, 2, 1, 0])
  expect(counters.tasks).toEqual({
    fan: { done: 1, failed: 0, stopped: 0, forbidden: 0 },
    leaf: { done: 0, failed: 1, stopped: 0, forbidden: 0 },
    single: { done: 0, failed: 0, stopped: 0, forbidden: 0 },
  })
})

test('a worker counts the tasks of a node like any other task of their kind', async () => {
  const counters = createTaskCounters()
  const [fan] = counters.count([{ takes: 'node', kind: 'fan', run: async (task) => task.run }])
  if (fan?.takes !== 'node') throw new Error('The definition is another one.')
  expect(await fan.run({ run: 'study' } as never, host)).toBe('study')
  expect(counters.tasks.fan.done).toBe(1)
})

test('a worker counts a task whose signal aborted as stopped, and its spec not as an error', async () => {
  const { counters, run } = counted({ leaf: ['leaf', none], single: ['single', none] })
  const stopped = { ...host, signal: AbortSignal.abort() }
  await expect(run('leaf', stopped)).rejects.toThrow()
  await expect(run('single', stopped)).rejects.toThrow()
  expect(counters.tasks).toMatchObject({ leaf: { stopped: 1, failed: 0 }, single: { stopped: 1 } })
  expect(counters.specs).toEqual({ results: 0, errors: 0 })
})

test('a worker counts specs once, though batches report their total each time', async () => {
  const reported: number[] = []
  const { counters, run } = counted({
    leaf: [
      'leaf',
      async (host) => {
        expect(host.id).toBe('task')
        host.report({ start: 0, end: 10, done: 4, errors: 1 })
        host.report({ start: 0, end: 10, done: 10, errors: 3 })
      },
    ],
    single: ['single', async () => 2],
    broken: ['single', none],
  })
  const listening = { ...host, report: ({ done }: { done: number }) => reported.push(done) } as TaskHost
  await run('leaf', listening)
  await run('leaf', listening)
  await run('single')
  await expect(run('broken')).rejects.toThrow()
  expect(counters.specs).toEqual({ results: 15, errors: 7 })
  expect(reported).toEqual([4, 10, 4, 10])
})

test('a worker counts a task rejected to its sender as forbidden, and reports it', async () => {
  const refuse = async () => {
    throw new TaskForbiddenError('it names another store.')
  }
  const told: string[] = []
  const counters = createTaskCounters(({ message }) => told.push(message))
  const work = {
    fan: ['fan', refuse],
    other: ['fan', refuse],
    leaf: ['leaf', refuse],
    single: ['single', refuse],
  } as const
  const tasks = counters.count(tasksOf(work))
  for (const name of Object.keys(work)) await expect(runInput(tasks, name, {}, host)).rejects.toThrow()
  expect(counters.tasks).toMatchObject({
    fan: { forbidden: 2, failed: 0 },
    leaf: { forbidden: 1 },
    single: { forbidden: 1 },
  })
  expect(counters.specs).toEqual({ results: 0, errors: 0 })
  expect(told).toEqual(new Array(4).fill('The task is refused: it names another store.'))
})
