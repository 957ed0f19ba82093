import { describe, expect, it } from 'vitest'
import { deeds, groups } from './deeds.js'
import { runTrial, undisturbed } from './trial.js'

/** One in eight of the deeds that need no time limit to end, of every group. `scripts/run hostile` runs all, in batches of 1, 8 and 1,000. */
const slice = Object.keys(deeds)
  .filter((name) => !deeds[name]!.slow)
  .filter((_, index) => index % 8 === 0)

describe('hostile specs', () => {
  it('have names of their own, and are at least 97', () => {
    const names = Object.values(groups).flatMap((group) => Object.keys(group))
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThanOrEqual(97)
  })

  it('that end by themselves are one row each, and harm nobody', async () => {
    const healthy = await undisturbed(slice.length)
    const trial = { deeds: slice, batch: 8, slots: 2, limitMs: 500_000 }
    const { wrong, outcomes } = await runTrial(trial, healthy)
    expect(wrong).toEqual([])
    expect(outcomes.size).toBe(slice.length)
  }, 900_000)
})
