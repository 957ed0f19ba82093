import { expect, test } from 'vitest'
import type { WorkerHandle } from '../../src/engine/engine.js'
import { combineWorkers } from '../../src/engine/hatchet/worker/combine-workers.js'

function serving(problems: string[]): WorkerHandle {
  return { lost: new Promise(() => {}), busy: () => 1, problems: async () => problems, close: async () => {} }
}

test('combined workers report every problem of each worker once', async () => {
  const away = 'the engine does not answer: connection refused'
  const both = await combineWorkers([Promise.resolve(serving([away])), Promise.resolve(serving([away, 'paused']))])
  expect(await both.problems()).toEqual([away, 'paused'])
  expect(both.busy()).toBe(2)
})
