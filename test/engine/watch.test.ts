import { expect, it } from 'vitest'
import { inFlight } from '../../src/engine/hatchet/worker/watch.js'

it('tasks in flight are counted by the slots that they take, and a task delivered twice is counted once', () => {
  expect(inFlight([])).toEqual({ default: 0, durable: 0 })
  expect(inFlight(['a/0', 'b/0', 'a/1', 'c/0/1', 'c/2/2', 'd/0/1', 'e/0/1'])).toEqual({ default: 2, durable: 3 })
})
