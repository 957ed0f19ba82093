import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scythe } from '../cli/scythe.js'
import { hasEngine } from '../support/engine.js'
import { type MixedFleet, startMixedFleet } from './mixed-fleet.js'
import { hasPythonScythe } from './python-scythe.js'
import { by, expectRows, INDEX, roots } from './shared-profile.js'

const SPECS = 200
/** Of a fan of theirs, which is slow. */
const FEW = 100
const all = Array.from({ length: SPECS }, (_, n) => n)

describe.skipIf(!((await hasEngine('serving Python Scythe')) && (await hasPythonScythe('serving Python Scythe'))))(
  'a run that a client of Python Scythe allocates',
  () => {
    let fleet: MixedFleet

    beforeAll(async () => {
      fleet = await startMixedFleet()
      await fleet.startOurs('alone', { slots: 1, durableSlots: 4 })
    })
    afterAll(() => fleet?.stop())

    it.each([
      ['without a recursion map', undefined],
      ['with one', { factor: 4, max_depth: 2 }],
    ])('is served by one worker of ours that has one slot, %s', async (_, recursion) => {
      const answer = await fleet.run({ name: 'ours', specs: SPECS, nulls: true, ...(recursion && { recursion }) })
      expectRows(answer, all, true)
      expect(by(answer)).toEqual(new Set(['ours']))
      expect(roots(answer).size).toBe(1)
    })

    it('is served by a fan of ours and leaves of both kinds, and has a row of errors for what fails', async () => {
      await fleet.startTheirs('their-leaf', 'LEAF', 2)
      await fleet.meet()
      const answer = await fleet.run({ name: 'mixed', specs: SPECS, nulls: true, fails: [13] })
      expectRows(
        answer,
        all.filter((n) => n !== 13),
        true,
      )
      expect(by(answer)).toEqual(new Set(['ours', 'python']))
      expect(answer.tables.errors!.index).toEqual(INDEX)
      expect(answer.tables.errors!.rows).toMatchObject([
        { sort_index: 13, error_code: 'SPEC_FAILED', error_message: expect.stringContaining('the wind stopped') },
      ])
    })

    it('is stopped by our command line, which says that it cannot be resumed', async () => {
      await fleet.hold()
      const failure = fleet.run({ name: 'stopped', specs: SPECS }).catch((error: Error) => error)
      await fleet.untilKeys('stopped', /\/manifest\.yml$/)
      await fleet.untilHeld()
      const [key] = await fleet.keysOf('stopped', /\/manifest\.yml$/)
      const id = dirname(key!)
      const { code, stdout } = await scythe(fleet.folder, ['cancel', id], { env: fleet.env })
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringMatching(`^${id} is stopped; what is done is kept\\. It cannot be resumed, .*\\n$`),
      })
      await fleet.release()
      expect(await failure).toBeInstanceOf(Error)
      expect(await fleet.keysOf('stopped', /\/final\//)).toEqual([])
      expect((await fleet.keysOf('stopped', /\/task-dataframes\/scalars\//)).length).toBeLessThan(SPECS)
    })

    it('is served by a fan of theirs and leaves of both kinds', async () => {
      await fleet.stopOurs('alone')
      await fleet.startOurs('our-leaf', { slots: 1, durableSlots: 0 })
      await fleet.startTheirs('their-fan', 'FAN', 16)
      for (const recursion of [undefined, { factor: 4, max_depth: 1 }]) {
        await fleet.meet()
        const answer = await fleet.run({ name: 'theirs', specs: FEW, joined: true, ...(recursion && { recursion }) })
        expectRows(answer, all.slice(0, FEW), false, false)
        expect(by(answer)).toEqual(new Set(['ours', 'python']))
      }
    })
  },
)
