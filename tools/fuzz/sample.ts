import fc from 'fast-check'
import type { Random } from '../chaos/random.js'

/** Returns a value of an arbitrary that these numbers decide. */
export function drawn<T>(arbitrary: fc.Arbitrary<T>, random: Random): T {
  return fc.sample(arbitrary, { seed: random.whole(0, 2 ** 31 - 1), numRuns: 1 })[0]!
}
