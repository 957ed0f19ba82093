import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { deferred } from '../../src/async/promises.js'
import type { TaskHost } from '../../src/scatter/task.js'
import { type Shutdown, watchShutdown } from '../../src/worker/shutdown.js'
import { createTaskCounters } from '../../src/worker/task-counters.js'
import { inputTasks, runInput } from '../support/tasks.js'

const MINUTE = 60_000
const host = { signal: new AbortController().signal } as unknown as TaskHost
const IDLE = { busy: () => 0 }
let leaving: Shutdown
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  leaving.close()
  vi.useRealTimers()
})

async function after(ms: number): Promise<string> {
  await vi.advanceTimersByTimeAsync(ms)
  return Promise.race([leaving.requested, Promise.resolve('stays')])
}

test('a worker without limits does not shut down by itself', async () => {
  leaving = watchShutdown({ idleExit: undefined, lifetime: undefined })
  leaving.watchIdle(createTaskCounters(), IDLE)
  expect(await after(1e9)).toBe('stays')
})

test('a worker shuts down at its time limit', async () => {
  leaving = watchShutdown({ idleExit: undefined, lifetime: 90 * MINUTE })
  expect(await after(89 * MINUTE)).toBe('stays')
  expect(await after(MINUTE)).toBe('1h30m are over')
})

test('a worker shuts down after too long without a task, counted from the start', async () => {
  leaving = watchShutdown({ idleExit: 10 * MINUTE, lifetime: undefined })
  expect(await after(20 * MINUTE)).toBe('stays')
  leaving.watchIdle(createTaskCounters(), IDLE)
  expect(await after(10 * MINUTE)).toBe('no task for 10m')
})

test('a worker with a task is not idle, and is idle again when the last task ends', async () => {
  const tally = createTaskCounters()
  const [first, second] = [deferred<void>(), deferred<void>()]
  const tasks = tally.count(inputTasks((kind) => (kind === 'fan' ? first : second).promise))
  leaving = watchShutdown({ idleExit: 10 * MINUTE, lifetime: undefined })
  leaving.watchIdle(tally, IDLE)
  expect(await after(9 * MINUTE)).toBe('stays')
  void runInput(tasks, 'fan', {}, host)
  void runInput(tasks, 'leaf', {}, host)
  first.resolve()
  expect(await after(60 * MINUTE)).toBe('stays')
  second.resolve()
  expect(await after(9 * MINUTE)).toBe('stays')
  expect(await after(MINUTE)).toBe('no task for 10m')
})

test("a worker that runs a task of another program's workflow is not idle", async () => {
  let busy = 1
  leaving = watchShutdown({ idleExit: 10 * MINUTE, lifetime: undefined })
  leaving.watchIdle(createTaskCounters(), { busy: () => busy })
  expect(await after(15 * MINUTE)).toBe('stays')
  busy = 0
  expect(await after(10 * MINUTE)).toBe('no task for 10m')
})

test('a signal repeated at once, as npm forwards it, counts once; a later or different signal ends the worker at once', async () => {
  const before = process.listeners('SIGTERM')
  leaving = watchShutdown({ idleExit: undefined, lifetime: undefined })
  const [hear] = process.listeners('SIGTERM').filter((listener) => !before.includes(listener))
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never)
  onTestFinished(() => exit.mockRestore())
  hear!('SIGTERM')
  expect(await after(499)).toBe('SIGTERM')
  hear!('SIGTERM')
  expect(exit).not.toHaveBeenCalled()
  hear!('SIGINT')
  expect(exit).toHaveBeenLastCalledWith(130)
  await after(1)
  hear!('SIGTERM')
  expect(exit).toHaveBeenLastCalledWith(143)
})

test('signal handlers and timers are removed', async () => {
  const listeners = () => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')
  const before = listeners()
  leaving = watchShutdown({ idleExit: MINUTE, lifetime: MINUTE })
  leaving.watchIdle(createTaskCounters(), IDLE)
  expect(listeners()).toBe(before + 2)
  leaving.close()
  expect(listeners()).toBe(before)
  expect(vi.getTimerCount()).toBe(0)
})
