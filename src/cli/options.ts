import { UsageError } from './errors.js'

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean
  readonly verbose?: boolean
  readonly store?: string
}

/** The value of an option that is a whole number of 1 or more. */
export function countOption(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value) && Number(value) >= 1 && Number.isSafeInteger(Number(value))) return Number(value)
  throw new UsageError(`Expected --${name} to be a whole number of 1 or more, got ${value}.`)
}

/** The value of an option that is one of a few words. */
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
