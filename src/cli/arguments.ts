import { parseArgs } from 'node:util'
import type { CAC, Command } from 'cac'
import { nearest } from '../settings/nearest.js'
import { UsageError } from './errors.js'

/** What was typed after a command's name. */
export interface Arguments {
  /** As the command's action takes them: one for each of its arguments, an array for `[...names]`. */
  readonly positionals: readonly (string | readonly string[] | undefined)[]
  readonly options: Readonly<Record<string, string | boolean | readonly string[]>>
}

/** The command of this name. Throws `UsageError` with the nearest one where there is none. */
export function findCommand(cli: CAC, name: string): Command {
  const command = cli.commands.find((command) => command.isMatched(name))
  if (command) return command
  if (name.startsWith('-')) throw new UsageError(`Expected a command before ${name}, as in scythe run ${name}.`)
  const names = cli.commands.map((command) => command.name)
  const meant = nearest(name, names)
  throw new UsageError(
    `There is no command ${name}. ${meant ? `Did you mean ${meant}?` : `The commands are ${names.join(', ')}.`}`,
  )
}

/**
 * Reads a command's words. Node's parser does it, with the options that were declared: cac's own makes `1.10` the number 1.1 and
 * takes `-` for no value.
 */
export function readArguments(command: Command, words: readonly string[]): Arguments {
  const declared = [...command.options, ...(command.globalCommand?.options ?? [])]
  const names = declared.map(({ name }) => wordOf(name))
  const { tokens, positionals } = parseArgs({
    args: [...words],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      declared.map(({ name, names, isBoolean }) => {
        const short = names.find((alias) => alias.length === 1)
        return [
          wordOf(name),
          { type: isBoolean ? ('boolean' as const) : ('string' as const), ...(short ? { short } : {}) },
        ]
      }),
    ),
  })
  const options: Record<string, string | boolean | string[]> = {}
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { rawName, value } = token
    const option = declared.find(({ name }) => wordOf(name) === token.name)
    if (!option) throw unknownOption(command, rawName, names)
    if (option.isBoolean && value !== undefined) throw new UsageError(`${rawName} takes no value, got ${value}.`)
    if (!option.isBoolean && (!value || (value !== '-' && value.startsWith('-') && !token.inlineValue))) {
      throw new UsageError(`${rawName} needs a value: ${option.rawName}.`)
    }
    const { name } = option
    if (isRepeatable(option.rawName)) {
      options[name] = [...((options[name] as string[] | undefined) ?? []), value!]
      continue
    }
    if (name in options && !option.isBoolean) throw new UsageError(`${rawName} is given twice.`)
    options[name] = value ?? true
  }
  return { positionals: assignPositionals(command, positionals), options }
}

/** An option as it is typed, without its hyphens: cac calls --changed-code changedCode. */
function wordOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Whether an option may be given several times: its value ends in dots, as `<file...>`. */
function isRepeatable(rawName: string): boolean {
  return rawName.endsWith('...>')
}

function unknownOption(command: Command, rawName: string, names: readonly string[]): UsageError {
  const meant = nearest(rawName.replace(/^-+/, ''), names)
  const hint = meant ? `Did you mean --${meant}?` : `\`scythe ${command.name} --help\` shows what there is.`
  return new UsageError(`scythe ${command.name} has no option ${rawName}. ${hint}`)
}

function assignPositionals({ name, rawName, args }: Command, given: readonly string[]) {
  const missing = args.find(({ required }, index) => required && given[index] === undefined)
  if (missing) throw new UsageError(`scythe ${name} needs <${missing.value}>: scythe ${rawName}`)
  const variadic = args.some((arg) => arg.variadic)
  if (!variadic && given.length > args.length) {
    throw new UsageError(`scythe ${name} does not take the word ${given[args.length]}: scythe ${rawName}`)
  }
  return args.map((arg, index) => (arg.variadic ? given.slice(index) : given[index]))
}
