import { customCleanEnv, makeExactValidator, type ValidatorSpec } from 'envalid'
import { ScytheError } from '../errors.js'
import { quoted } from './printable.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingProblem {
  readonly variable: string
  readonly value: string | undefined
  /** The phrase that completes "expected …". */
  readonly expected: string
}

/** `SETTINGS_INVALID`: the error names every invalid setting. */
export class SettingsInvalidError extends ScytheError<'SETTINGS_INVALID'> {
  constructor(readonly problems: readonly SettingProblem[]) {
    const lines = problems.map(({ variable, value, expected }) => {
      return `  ${variable}: expected ${expected}, got ${value === undefined ? 'nothing' : quoted(value)}`
    })
    super('SETTINGS_INVALID', `Settings in the environment are wrong:\n${lines.join('\n')}`)
  }
}

/**
 * The single declaration of a setting: all other information about the setting is derived from it.
 */
interface Declaration {
  readonly variable: string
  /** The meaning of the setting, in Markdown, for the table of settings in the docs. */
  readonly doc: string
  /**
   * The description of the value that applies while the variable is not set, if the text of the
   * default does not describe it: `never`, `30d`.
   */
  readonly otherwise?: string
}

/** A declared setting. `Option` is the type of an option that sets it. */
export interface Setting<Value = unknown, Option = unknown> extends Declaration {
  readonly default: Value
  readonly validator: ValidatorSpec<Value>
  /** Returns a value in the form that its variable has. */
  text(value: Option): string
}

export type Settings = Readonly<Record<string, Setting>>

/** The values of settings, by name. */
export type ValuesOf<S extends Settings> = { readonly [Name in keyof S]: S[Name]['default'] }

/** Settings as options of a function. Each option may be omitted. */
export type OptionsOf<S extends Settings> = {
  readonly [Name in keyof S]?: Parameters<S[Name]['text']>[0] | undefined
}

/**
 * Declares a setting of one type. Without a default, the setting's value is `undefined` while its
 * variable is not set.
 */
export interface SettingType<Value, Option = Value> {
  (declaration: Declaration & { readonly default: Value }): Setting<Value, Option>
  (declaration: Declaration & { readonly otherwise: string }): Setting<Value | undefined, Option>
}

/**
 * Creates a type of settings. `parse` throws an error whose message completes "expected …". `text`
 * is the inverse of `parse`; its default is `String`.
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
 * Returns the values of settings from variables, or else from defaults. An empty variable counts as
 * not set. Throws `SettingsInvalidError` with every invalid variable.
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
  /** The variable that sets the value; `undefined` for a value that is derived from others. */
  readonly variable: string | undefined
  /** The value that applies. */
  readonly value: string
  /**
   * The origin of the value. `worked out`: derived from the machine, the host and other settings.
   */
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

/** Returns the text of a value. Returns the `otherwise` text, if any, for the default value. */
function valueText({ text, default: usual, otherwise }: Setting, value: unknown): string {
  return value === usual && otherwise !== undefined ? otherwise : text(value)
}

/**
 * Returns options as the variables that they represent, so that options and variables are checked
 * by the same code.
 */
export function optionsAsVariables<S extends Settings>(settings: S, options: OptionsOf<S>): Record<string, string> {
  const given = Object.entries(settings).filter(([name]) => options[name] !== undefined)
  return Object.fromEntries(given.map(([name, { variable, text }]) => [variable, text(options[name])]))
}
