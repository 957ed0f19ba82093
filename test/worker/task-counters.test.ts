import { expect, test } from 'vitest'
import { deferred } from '../../src/async/promises.js'
import { TaskForbiddenError } from '../../src/scatter/errors.js'
import type { Handlers, Task, TaskHost } from '../../src/scatter/task.js'
import { createTaskCounters } from '../../src/worker/task-counters.js'

const task = {} as Task
const abort = new AbortController()
const host = { id: 'task', signal: abort.signal, report: () => {} } as unknown as TaskHost

const none = async () => {
  throw new Error('not this one')
}

function tallied(handlers: Partial<Handlers>) {
  const tally = createTaskCounters()
  const seen: number[] = []
  tally.onChange(() => seen.push(tally.busy))
  return { tally, seen, handlers: tally.count({ fan: none, leaf: none, single: none, pythonFan: none, ...handlers }) }
}

test('tasks are in hand while they run, and counted by how they ended', async () => {
  const end = deferred<string>()
  const { tally, seen, handlers } = tallied({ fan: () => end.promise })
  const fan = handlers.fan(task, host)
  const leaf = handlers.leaf(task, host)
  expect(tally.inFlight).toEqual({ fan: 1, leaf: 1, single: 0 })
  await expect(leaf).rejects.toThrow('not this one')
  end.resolve('receipt')
  expect(await fan).toBe('receipt')
  expect(seen).toEqual([1, 2, 1, 0])
  expect(tally.tasks).toEqual({
    fan: { done: 1, failed: 0, stopped: 0, forbidden: 0 },
    leaf: { done: 0, failed: 1, stopped: 0, forbidden: 0 },
    single: { done: 0, failed: 0, stopped: 0, forbidden: 0 },
  })
})

test('a task whose signal aborted was stopped, and its spec is no error', async () => {
  const { tally, handlers } = tallied({})
  const stopped = { ...host, signal: AbortSignal.abort() }
  await expect(handlers.leaf(task, stopped)).rejects.toThrow()
  await expect(handlers.single({} as never, {}, stopped)).rejects.toThrow()
  expect(tally.tasks).toMatchObject({ leaf: { stopped: 1, failed: 0 }, single: { stopped: 1 } })
  expect(tally.specs).toEqual({ results: 0, errors: 0 })
})

test('specs are counted once, though batches report all that they have done each time', async () => {
  const reported: number[] = []
  const { tally, handlers } = tallied({
    async leaf(_, host) {
      expect(host.id).toBe('task')
      host.report({ start: 0, end: 10, done: 4, errors: 1 })
      host.report({ start: 0, end: 10, done: 10, errors: 3 })
    },
    single: async () => ({ twice: 2 }),
  })
  const listening = { ...host, report: ({ done }: { done: number }) => reported.push(done) } as TaskHost
  await handlers.leaf(task, listening)
  await handlers.leaf(task, listening)
  await handlers.single({} as never, {}, host)
  expect(tally.specs).toEqual({ results: 15, errors: 6 })
  expect(reported).toEqual([4, 10, 4, 10])
})

test('a task that was refused to its sender is counted as forbidden, and told', async () => {
  const refuse = async () => {
    throw new TaskForbiddenError('it names another store.')
  }
  const told: string[] = []
  const tally = createTaskCounters(({ message }) => told.push(message))
  const handlers = tally.count({ fan: refuse, leaf: refuse, single: refuse, pythonFan: refuse })
  await expect(handlers.fan(task, host)).rejects.toThrow()
  await expect(handlers.leaf(task, host)).rejects.toThrow()
  await expect(handlers.single({} as never, {}, host)).rejects.toThrow()
  await expect(handlers.pythonFan({} as never, host)).rejects.toThrow()
  expect(tally.tasks).toMatchObject({
    fan: { forbidden: 2, failed: 0 },
    leaf: { forbidden: 1 },
    single: { forbidden: 1 },
  })
  expect(tally.specs).toEqual({ results: 0, errors: 0 })
  expect(told).toEqual(new Array(4).fill('The task is refused: it names another store.'))
})
