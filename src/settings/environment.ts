import { customCleanEnv, makeExactValidator, type ValidatorSpec } from 'envalid'
import { ScytheError } from '../errors.js'
import { quoted } from './printable.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingProblem {
  readonly variable: string
  readonly value: string | undefined
  /** Completes "expected …". */
  readonly expected: string
}

/** Names every setting that is wrong. */
export class SettingsInvalidError extends ScytheError<'SETTINGS_INVALID'> {
  constructor(readonly problems: readonly SettingProblem[]) {
    const lines = problems.map(({ variable, value, expected }) => {
      return `  ${variable}: expected ${expected}, got ${value === undefined ? 'nothing' : quoted(value)}`
    })
    super('SETTINGS_INVALID', `Settings in the environment are wrong:\n${lines.join('\n')}`)
  }
}

/** A setting as it is declared, once: everything else that is known of it follows from this. */
interface Declaration {
  readonly variable: string
  /** Says what the setting means, in Markdown: the table of settings in the docs has it. */
  readonly doc: string
  /**
   * Says what counts while the variable is not set, if the text of the default does not: `never`,
   * `30d`.
   */
  readonly otherwise?: string
}

/** A declared setting. `Option` is what an option of this setting may be. */
export interface Setting<Value = unknown, Option = unknown> extends Declaration {
  readonly default: Value
  readonly validator: ValidatorSpec<Value>
  /** Returns a value as its variable has it. */
  text(value: Option): string
}

export type Settings = Readonly<Record<string, Setting>>

/** The values of settings, by their names. */
export type ValuesOf<S extends Settings> = { readonly [Name in keyof S]: S[Name]['default'] }

/** Settings as options of a function: each may be left out. */
export type OptionsOf<S extends Settings> = {
  readonly [Name in keyof S]?: Parameters<S[Name]['text']>[0] | undefined
}

/**
 * Declares a setting of one type. Without a default, its value is `undefined` while its variable is
 * not set.
 */
export interface SettingType<Value, Option = Value> {
  (declaration: Declaration & { readonly default: Value }): Setting<Value, Option>
  (declaration: Declaration & { readonly otherwise: string }): Setting<Value | undefined, Option>
}

/**
 * Makes a type of settings. `parse` throws an error whose message completes "expected …". `text` is
 * the way back; by default it is `String`.
 */
export function settingType<Value, Option = Value>(
  parse: (text: string) => Value,
  text: (value: Option) => string = String,
): SettingType<Value, Option> {
  const validator = makeExactValidator<unknown>(parse)
  return (declaration: Declaration & { readonly default?: Value }): Setting<never, Option> => {
    const value = declaration.default as never
    return { ...declaration, default: value, validator: validator({ default: value }) as never, text }
  }
}

/**
 * Returns the values that variables, or else defaults, say. An empty variable counts as not set.
 * Throws `SettingsInvalidError` with every variable that is wrong.
 */
export function readSettings<S extends Settings>(settings: S, env: Environment): ValuesOf<S> {
  const declared = Object.entries(settings)
  const set = declared.flatMap(([, { variable }]) => (env[variable] ? [[variable, env[variable]]] : []))
  const validators = Object.fromEntries(declared.map(([, { variable, validator }]) => [variable, validator]))
  const values = customCleanEnv(Object.fromEntries(set), validators, (cleaned) => cleaned as Record<string, unknown>, {
    reporter({ errors }) {
      const problems = Object.entries(errors).map(([variable, error]) => {
        return { variable, value: env[variable], expected: (error as Error).message }
      })
      if (problems.length > 0) throw new SettingsInvalidError(problems)
    },
  })
  return Object.fromEntries(declared.map(([name, { variable }]) => [name, values[variable]])) as ValuesOf<S>
}

/** A setting as `scythe worker --show` prints it. */
export interface ShownSetting {
  readonly setting: string
  /** The variable that sets it; `undefined` for what is worked out from others. */
  readonly variable: string | undefined
  /** The value that counts. */
  readonly value: string
  /** Where the value comes from; `worked out` of the machine, the host and other settings. */
  readonly from: 'option' | 'environment' | 'default' | 'worked out'
}

/** Returns settings as `scythe worker --show` prints them. */
export function showSettings<S extends Settings>(settings: S, values: ValuesOf<S>, env: Environment): ShownSetting[] {
  return Object.entries(settings).map(([setting, declared]) => ({
    setting,
    variable: declared.variable,
    value: valueText(declared, values[setting]),
    from: env[declared.variable] ? 'environment' : 'default',
  }))
}

/** Returns the text of a value, or what counts if it is the default. */
function valueText({ text, default: usual, otherwise }: Setting, value: unknown): string {
  return value === usual && otherwise !== undefined ? otherwise : text(value)
}

/** Returns options as the variables that they stand for, so that both are checked alike. */
export function optionsAsVariables<S extends Settings>(settings: S, options: OptionsOf<S>): Record<string, string> {
  const given = Object.entries(settings).filter(([name]) => options[name] !== undefined)
  return Object.fromEntries(given.map(([name, { variable, text }]) => [variable, text(options[name])]))
}
