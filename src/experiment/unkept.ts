import { thrownText } from './values.js'

/** A value, somewhere in an object, that its column cannot keep. */
export class Unkept extends Error {
  /** From the outside in. */
  readonly path: PropertyKey[] = []

  constructor(
    readonly value: unknown,
    problem: string,
  ) {
    super(problem)
  }
}

/** The same, a step further out. What else was thrown there is of the value's own making: a getter, a trap, too deep a nest. */
export function within(step: PropertyKey, thrown: unknown): Unkept {
  const unkept = thrown instanceof Unkept ? thrown : new Unkept(undefined, `It cannot be read: ${thrownText(thrown)}`)
  unkept.path.unshift(step)
  return unkept
}

export function unpaired(text: string): Unkept {
  return new Unkept(text, 'Expected well-formed text, got half of a surrogate pair in it: cut texts between characters')
}
