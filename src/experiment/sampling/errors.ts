import { ScytheError } from '../../errors.js'

/**
 * `SAMPLING_INVALID`: specs cannot be sampled because a range, a method or a number of specs is
 * invalid.
 */
export class SamplingInvalidError extends ScytheError<'SAMPLING_INVALID'> {
  constructor(
    /** The invalid field or option. */
    readonly what: string,
    readonly problem: string,
  ) {
    super('SAMPLING_INVALID', `Specs cannot be made: ${what} ${problem}`)
  }
}
