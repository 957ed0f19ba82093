import { thrownText } from './values.js'

/** A value, somewhere in an object, that its column cannot store. */
export class Unkept extends Error {
  /** The path to the value, from the outside in. */
  readonly path: PropertyKey[] = []

  constructor(
    readonly value: unknown,
    problem: string,
  ) {
    super(problem)
  }
}

/**
 * Adds an outer step to the path of an error. An error of another kind comes from the value itself:
 * from a getter, from a trap, or from nesting that is too deep.
 */
export function within(step: PropertyKey, thrown: unknown): Unkept {
  const unkept = thrown instanceof Unkept ? thrown : new Unkept(undefined, `It cannot be read: ${thrownText(thrown)}`)
  unkept.path.unshift(step)
  return unkept
}

export function unpaired(text: string): Unkept {
  return new Unkept(text, 'Expected well-formed text, got half of a surrogate pair in it: cut texts between characters')
}
