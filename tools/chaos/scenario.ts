import type { Fault } from './faults/fault.js'
import { MIXES } from './mix.js'
import { createRandom } from './random.js'

/** What a seed comes to: a run, and what befalls it. */
export interface Scenario {
  readonly seed: number
  readonly mix: number
  readonly slots: number
  /** Batches that the specs are cut into; `undefined`: as the planner likes. */
  readonly batches: number | undefined
  readonly strikes: readonly Strike[]
}

export interface Strike {
  readonly fault: Fault
  /** When: the share of specs that receipts cover. */
  readonly at: number
  /** It does not wait for the one before to be over. */
  readonly overlaps: boolean
  /** Decides the rest: whom it hits, and for how long. */
  readonly seed: number
}

export const STRIKES = 4
const LEAST_BATCHES = 16
const MOST_BATCHES = 120
const SLOTS = [1, 2, 2, 3]

/**
 * Draws a scenario. Faults come as from a deck of cards, so that a few seeds in a row have every class among them; of these, every
 * second one begins while another may still be on.
 */
export function drawScenario(seed: number, faults: readonly Fault[], mixes: readonly number[] | undefined): Scenario {
  const random = createRandom(seed)
  const mix = mixes ? random.pick(mixes) : random.whole(0, MIXES - 1)
  const slots = random.pick(SLOTS)
  const batches = random.chance(0.25) ? undefined : random.magnitude(LEAST_BATCHES, MOST_BATCHES)
  const strikes = Array.from({ length: STRIKES }, (_, i) => {
    const fault = cardAt(seed * STRIKES + i, faults)
    const at = fault.atEnd ? 1 : random.next() * 0.9
    return { fault, at, overlaps: random.chance(0.5), seed: random.whole(0, 2 ** 31) }
  })
  return { seed, mix, slots, batches, strikes: strikes.sort((a, b) => a.at - b.at) }
}

function cardAt(place: number, faults: readonly Fault[]): Fault {
  const deck = Math.floor(place / faults.length)
  return createRandom(deck * 7919 + 1).shuffle(faults)[place % faults.length]!
}
