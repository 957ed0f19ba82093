import { afterAll, beforeAll, describe } from 'vitest'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { engineConformance } from './conformance.js'

const START_MS = 900_000

describe.skipIf(!(await hasEngine('the hatchet engine')))('on a real engine', () => {
  let hatchet: Hatchet

  beforeAll(async () => {
    hatchet = await startHatchet()
  }, START_MS)
  afterAll(() => hatchet.stop())

  engineConformance('hatchet', async () => createHatchetEngine({ connection: hatchet }))
})
