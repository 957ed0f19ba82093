import { parseArgs } from 'node:util'
import { DOORS } from './doors.js'

export interface Arguments {
  readonly seconds: number
  /** The first seed; each goes to every door. */
  readonly seed: number
  /** How many seeds; `undefined`: as many as the time has room for. */
  readonly inputs: number | undefined
  readonly doors: readonly string[]
  readonly json: boolean
  readonly help: boolean
}

export const HELP = `Usage: scripts/run fuzz [options]

Throws damaged and made-up inputs at the doors through which files and messages come in. Each has to be taken or refused in
our own words: no other error, no crash, no hang, no more than 512 MB.

  --seconds <s>     how long (60)
  --seed <n>        the first seed (drawn)
  --inputs <n>      so many seeds and no more
  --door <a,b,…>    only these doors (all that there are)
  --json            one JSON object on stdout

Ends with 0 if all was well, with 1 if not, and with 2 if it was called wrongly. An input that was not taken as it should be
is kept in .cache/fuzz. Doors:
`

export class ArgumentsError extends Error {}

/** Throws `ArgumentsError`. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parse(args)
  const names = DOORS.map(({ name }) => name)
  const inputs = values.inputs === undefined ? undefined : whole('inputs', values.inputs, 1)
  return {
    seconds: whole('seconds', values.seconds ?? (inputs === undefined ? '60' : '3600'), 1),
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : whole('seed', values.seed, 0),
    inputs,
    doors: values.door?.split(',').map((name) => doorNamed(name, names)) ?? names,
    json: values.json ?? false,
    help: values.help ?? false,
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      options: { seconds: text, seed: text, inputs: text, door: text, json: flag, help: { ...flag, short: 'h' } },
    })
  } catch (error) {
    throw new ArgumentsError((error as Error).message)
  }
}

function whole(name: string, value: string, least: number): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number
  throw new ArgumentsError(`Expected --${name} to be a whole number of ${least} or more, got ${value}.`)
}

function doorNamed(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name
  throw new ArgumentsError(`Expected --door to be of ${names.join(', ')}, got ${name}.`)
}
