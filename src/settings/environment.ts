import { type CleanedEnv, customCleanEnv, makeExactValidator, type ValidatorSpec } from 'envalid'
import { ScytheError } from '../errors.js'
import { isTimeout, parseDuration } from './duration.js'
import { quoted } from './printable.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingProblem {
  readonly variable: string
  readonly value: string | undefined
  /** Completes "expected …". */
  readonly expected: string
}

/** Settings that are not what they should be, all of them. */
export class SettingsInvalidError extends ScytheError<'SETTINGS_INVALID'> {
  constructor(readonly problems: readonly SettingProblem[]) {
    const lines = problems.map(({ variable, value, expected }) => {
      return `  ${variable}: expected ${expected}, got ${value === undefined ? 'nothing' : quoted(value)}`
    })
    super('SETTINGS_INVALID', `Settings in the environment are wrong:\n${lines.join('\n')}`)
  }
}

/** Reads variables. One that is empty counts as not set. Throws `SettingsInvalidError` with every wrong one. */
export function readEnvironment<S extends Record<string, ValidatorSpec<unknown>>>(
  variables: S,
  env: Environment,
): Values<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  return customCleanEnv(given, variables, (values) => values as Values<S>, {
    reporter({ errors }) {
      const problems = Object.entries(errors).map(([variable, error]) => {
        return { variable, value: given[variable], expected: (error as Error).message }
      })
      if (problems.length > 0) throw new SettingsInvalidError(problems)
    },
  })
}

type Values<S> = { readonly [Name in keyof S]: Name extends keyof CleanedEnv<S> ? CleanedEnv<S>[Name] : never }

const TRUE = new Set(['true', '1', 'yes', 'on', 't', 'y'])
const FALSE = new Set(['false', '0', 'no', 'off', 'f', 'n'])

/** As pydantic takes them, so that a deployment of Python Scythe does for ours. */
export const flag = makeExactValidator<boolean>((text) => {
  const word = text.trim().toLowerCase()
  if (TRUE.has(word)) return true
  if (FALSE.has(word)) return false
  throw new Error('true or false (or 1/0, yes/no, on/off, t/f, y/n)')
})

export const text = makeExactValidator<string>((text) => text)

/** What engines and hosts take as a name. */
export const plainName = makeExactValidator<string>((text) => {
  if (/^[A-Za-z0-9._-]+$/.test(text)) return text
  throw new Error('letters, digits, dots, hyphens and underscores')
})

export const duration = makeExactValidator<number>((text) => {
  const ms = parseDuration(text)
  if (isTimeout(ms)) return ms
  throw new Error('a time such as "90s", "30m" or "1h30m", up to 24 days')
})

export function wholeNumber(least: number, most: number) {
  return makeExactValidator<number>((text) => {
    const number = Number(text)
    if (/^\s*\d+\s*$/.test(text) && number >= least && number <= most) return number
    throw new Error(`a whole number from ${least} to ${most}`)
  })
}

export function oneOf<const T extends string>(...choices: readonly T[]) {
  return makeExactValidator<T>((text) => {
    const choice = choices.find((choice) => choice === text.trim().toLowerCase())
    if (choice) return choice
    throw new Error(`${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`)
  })
}
