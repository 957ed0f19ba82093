import { expect, test } from 'vitest'
import type { Serving } from '../../src/engine/engine.js'
import { allOf } from '../../src/engine/hatchet/all-of.js'

function serving(problems: string[]): Serving {
  return { lost: new Promise(() => {}), busy: () => 1, problems: async () => problems, close: async () => {} }
}

test('servings as one have the problems of all, each once', async () => {
  const away = 'the engine does not answer: connection refused'
  const both = await allOf([Promise.resolve(serving([away])), Promise.resolve(serving([away, 'paused']))])
  expect(await both.problems()).toEqual([away, 'paused'])
  expect(both.busy()).toBe(2)
})
