import { expect, it } from 'vitest'
import { inFlight } from '../../src/engine/hatchet/worker/watch.js'

it('tasks in hand are counted by the slots that they take, and one that came twice once', () => {
  expect(inFlight([])).toEqual({ default: 0, durable: 0 })
  expect(inFlight(['a/0', 'b/0', 'a/1', 'c/0/1', 'c/2/2', 'd/0/1', 'e/0/1'])).toEqual({ default: 2, durable: 3 })
})
