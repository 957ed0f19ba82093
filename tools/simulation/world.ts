import type { Clock } from './clock.js'
import type { Random } from './random.js'
import type { Scenario } from './scenario.js'

/** What everything in a simulation shares. */
export interface World {
  readonly scenario: Scenario
  readonly random: Random
  readonly clock: Clock
  /** Whether faults are over. */
  readonly isCalm: () => boolean
  /** Writes a line of what happens, where anyone reads it. */
  readonly tell: (who: string, ...what: readonly unknown[]) => void
  /** Says that a rule was broken: the seed has failed. */
  readonly blame: (rule: string) => void
  /** How often each kind of fault struck. */
  readonly struck: Map<string, number>
}

/** Draws whether a fault strikes, and counts it. */
export function strikes({ random, isCalm, struck }: World, fault: string, chance: number): boolean {
  // Drawn in any case, so that what comes after does not hang on it.
  const strikes = random.chance(chance) && !isCalm()
  if (strikes) struck.set(fault, (struck.get(fault) ?? 0) + 1)
  return strikes
}

export function isWithin(spans: Scenario['engine']['outages'], now: number): boolean {
  return spans.some(({ at, until }) => now >= at && now < until)
}
