import { ScytheError } from '../../errors.js'

/** `SAMPLING_INVALID`: specs cannot be made as asked: a range, a method or a number of them makes no sense. */
export class SamplingInvalidError extends ScytheError<'SAMPLING_INVALID'> {
  constructor(
    /** The field, or the option, that it is about. */
    readonly what: string,
    readonly problem: string,
  ) {
    super('SAMPLING_INVALID', `Specs cannot be made: ${what} ${problem}`)
  }
}
