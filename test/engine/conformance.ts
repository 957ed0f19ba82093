import { describe } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { deliveryConformance } from './conformance-delivery.js'
import { endConformance } from './conformance-ends.js'
import { type Arrangements, openSuite } from './suite.js'

/** What every engine must do, and what it must do if it has an ability. */
export function engineConformance(name: string, open: () => Promise<Engine>, arrangements: Arrangements = {}) {
  describe(`${name} engine`, () => {
    const suite = openSuite(open)
    deliveryConformance(suite)
    endConformance(suite, arrangements)
  })
}
