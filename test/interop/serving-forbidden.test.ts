import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasEngine } from '../support/engine.js'
import { type MixedFleet, startMixedFleet } from './mixed-fleet.js'
import { hasPythonScythe } from './python-scythe.js'
import { expectRows } from './shared-profile.js'

const SUITE = 'stores of Python Scythe that are not served'
const specs = [0, 1, 2, 3]

describe.skipIf(!((await hasEngine(SUITE)) && (await hasPythonScythe(SUITE))))(
  'a run that a client of Python Scythe allocates in its store',
  () => {
    let fleet: MixedFleet

    beforeAll(async () => {
      fleet = await startMixedFleet()
    })
    afterAll(() => fleet?.stop())

    it('is refused by a worker of ours that serves another, and the client is told so in words', async () => {
      await fleet.startOurs('other', { slots: 1, durableSlots: 4, stores: ['s3://another/scythe'] })
      await expect(fleet.run({ name: 'refused', specs: specs.length })).rejects.toThrow(
        /\[TASK_FORBIDDEN\] The task is refused: the store \S+s3:\/\/\S+\/scythe\S+ is not one that this worker serves\./,
      )
      expect(await fleet.keysOf('refused', /\/(results|final)\//)).toEqual([])
      await fleet.stopOurs('other')
    })

    it('is served by one that serves it', async () => {
      await fleet.startOurs('own', { slots: 1, durableSlots: 4, stores: [`s3://${fleet.bucket}/scythe`] })
      expectRows(await fleet.run({ name: 'served', specs: specs.length }), specs, false)
    })
  },
)
