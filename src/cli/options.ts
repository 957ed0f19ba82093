import { InvalidArgumentError } from 'commander'
import { UsageError } from './errors.js'

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean
  readonly verbose?: boolean
  readonly store?: string
}

/**
 * Returns the value of an option that may be given once. Values stay texts: `1.10` is a version.
 */
export function once(value: string, previous: string | undefined): string {
  if (previous !== undefined) throw new InvalidArgumentError('The option is given twice.')
  return present(value)
}

/** Returns the values of an option that may be repeated. */
export function many(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, present(value)]
}

/**
 * Throws if there is no value: commander takes the next word for the value, even if it is the next
 * option.
 */
function present(value: string): string {
  if (value === '' || value.startsWith('--')) throw new InvalidArgumentError('The option needs a value.')
  return value
}

/**
 * Returns the value of an option that is a whole number of 1 or more. Throws `UsageError` for any
 * other value.
 */
export function countOption(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value) && Number(value) >= 1 && Number.isSafeInteger(Number(value))) return Number(value)
  throw new UsageError(`Expected --${name} to be a whole number of 1 or more, got ${value}.`)
}

/**
 * Returns the value of an option that is one of a few words. Throws `UsageError` for any other
 * value.
 */
export function choiceOption<T extends string>(
  name: string,
  choices: readonly T[],
  value: string | undefined,
): T | undefined {
  if (value === undefined) return undefined
  const choice = choices.find((choice) => choice === value)
  if (choice !== undefined) return choice
  throw new UsageError(`Expected --${name} to be ${choices.join(' or ')}, got ${value}.`)
}
