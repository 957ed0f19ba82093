import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasEngine } from '../support/engine.js'
import { type MixedFleet, startMixedFleet } from './mixed-fleet.js'
import { hasPythonScythe } from './python-scythe.js'
import { by, expectRows, levels, roots } from './shared-profile.js'

const specs = Array.from({ length: 100 }, (_, n) => n)

describe.skipIf(
  !(
    (await hasEngine('branches of a fan of Python Scythe')) &&
    (await hasPythonScythe('branches of a fan of Python Scythe'))
  ),
)('a run that a fan of Python Scythe splits into branches', () => {
  let fleet: MixedFleet

  beforeAll(async () => {
    fleet = await startMixedFleet()
    await fleet.startOurs('our-leaf', { slots: 1, durableSlots: 0 })
    // Its one slot is the root's.
    await Promise.all([fleet.startTheirs('their-leaf', 'LEAF', 2), fleet.startTheirs('their-fan', 'FAN', 1)])
  })
  afterAll(() => fleet?.stop())

  /** A run whose root is theirs: it is there before there is a fan of ours, and so is a branch of theirs. Tells how many are ours, too. */
  async function runBranches(name: string, joined: boolean, branchOfTheirs: boolean) {
    if (branchOfTheirs) await fleet.hold()
    const order = fleet.run({ name, specs: specs.length, joined, recursion: { factor: 4, max_depth: 1 } })
    await fleet.untilKeys(name, /\/scatter-gather\/input\/root\//, 4)
    if (branchOfTheirs) await fleet.untilHeld()
    await fleet.startOurs('our-fan', { slots: 0, durableSlots: 4 })
    if (branchOfTheirs) await fleet.release()
    const answer = await order
    await fleet.stopOurs('our-fan')
    const keys = await fleet.keysOf(name, /\/scatter-gather\/scythe\//)
    return { answer, ours: new Set(keys.map((key) => key.split('/')[5])).size }
  }

  it('has the rows of all branches where these are fans of ours', async () => {
    const { answer, ours } = await runBranches('ours', true, false)
    expectRows(answer, specs, false, false)
    expect(roots(answer).size).toBe(1)
    expect(ours).toBe(4)
  })

  it('has them where these are fans of both kinds', async () => {
    await fleet.startTheirs('their-second-fan', 'FAN', 1)
    const { answer, ours } = await runBranches('both', true, true)
    expectRows(answer, specs, false, false)
    expect(roots(answer).size).toBe(1)
    expect([1, 2, 3]).toContain(ours)
  })

  it('has them where these are fans of both kinds, of tables that do not say whose they are', async () => {
    await fleet.stopOurs('our-leaf')
    const { answer } = await runBranches('apart', false, true)
    expect(by(answer)).toEqual(new Set(['python']))
    const { profile, peak } = answer.tables
    expect([profile!.index, peak!.index]).toEqual([[], []])
    const highest = specs.map((n) => Math.max(...levels(n)))
    expect(new Set(peak!.rows.map((row) => row.highest))).toEqual(new Set(highest))
    expect(peak!.rows).toHaveLength(specs.length)
    // Those of our branches have their spec all the same.
    const known = profile!.rows.filter((row) => row.sort_index !== null)
    expect(known.length).toBeGreaterThan(0)
    for (const row of known) expect(levels(Number(row.sort_index))[Number(row.sort_subindex)]).toBe(row.level)
  })
})
