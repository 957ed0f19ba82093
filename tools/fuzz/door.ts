import type { Random } from '../chaos/random.js'

/** A place where something comes in from outside, and what is thrown at it. */
export interface Door {
  readonly name: string
  readonly title: string
  /** Codes of the errors that it may refuse an input with. */
  readonly codes: readonly string[]
  /** Makes an input: most of them a good one that was damaged. The same numbers make the same input. */
  make(random: Random): Uint8Array
  /** Takes an input as the program would, to its end. What it throws is judged. */
  take(input: Uint8Array, random: Random): Promise<void>
}

/** A door broke a rule of its own, such as that a file is the same in whatever pieces it comes. */
export class RuleBroken extends Error {}
