import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Check, watchHealth } from '../../src/worker/health.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function checks(store: Check['problems']): Check[] {
  return [
    { name: 'engine', problems: async () => [] },
    { name: 'store', problems: store },
  ]
}

test('a worker is healthy once checks have passed, and not before', async () => {
  const health = watchHealth(checks(async () => []))
  expect(health.reasons()).toEqual(['engine: not checked yet', 'store: not checked yet'])
  await vi.advanceTimersByTimeAsync(0)
  expect(health.reasons()).toEqual([])
  health.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('problems of a worker are seen within 10 s, and disappear when they end', async () => {
  let problems: string[] = []
  const health = watchHealth(checks(async () => problems))
  await vi.advanceTimersByTimeAsync(1000)
  problems = ['the disk is full']
  await vi.advanceTimersByTimeAsync(10_000)
  expect(health.reasons()).toEqual(['the disk is full'])
  problems = []
  await vi.advanceTimersByTimeAsync(10_000)
  expect(health.reasons()).toEqual([])
  health.close()
})

test('a check that fails or does not answer is a problem', async () => {
  let answer: () => Promise<string[]> = async () => {
    throw new Error('connection refused')
  }
  const health = watchHealth(checks(() => answer()))
  await vi.advanceTimersByTimeAsync(0)
  expect(health.reasons()).toEqual(['store: connection refused'])
  answer = () => new Promise(() => {})
  await vi.advanceTimersByTimeAsync(10_000)
  expect(health.reasons()).toEqual(['store: no answer within 5s'])
  answer = async () => []
  await vi.advanceTimersByTimeAsync(10_000)
  expect(health.reasons()).toEqual([])
  health.close()
})
