import { parseArgs } from 'node:util'
import type { EngineName } from './faults/fault.js'
import { faultsFor } from './faults.js'
import { MIXES } from './mix.js'
import type { Place } from './place.js'

export interface Arguments {
  readonly runs: number
  readonly seed: number
  /** Runs at the same time: they share workers, engine and S3 server, and so the faults of these. */
  readonly atOnce: number
  readonly engine: EngineName
  readonly store: Place['kind']
  /** Only these classes; `undefined`: all. */
  readonly faults: readonly string[] | undefined
  readonly mixes: readonly number[] | undefined
  /** Ends after so many minutes, with the run that is on. */
  readonly minutes: number | undefined
  readonly json: boolean
  readonly help: boolean
}

export const HELP = `Usage: scripts/run chaos [options]

Runs specs of mixed kinds, hostile ones among them, while faults strike at moments drawn from a seed, and compares what
comes of it with an undisturbed run.

  --runs <n>          how many runs, each with the next seed (8)
  --seed <s>          the first seed (1)
  --at-once <n>       runs at the same time, which share workers, engine and S3, and their faults (1)
  --engine <e>        local or hatchet (local)
  --store <s>         folder or s3 (folder)
  --faults <a,b,…>    only these classes of faults (all that there are)
  --mixes <a,b,…>     only these mixes of specs, 0 to ${MIXES - 1}: calm where divisible by 3, dying one above, hostile two above
  --minutes <m>       no new run after so many minutes
  --json              one JSON object on stdout

Ends with 0 only if nothing is lost, doubled, different or left behind, every run was done, and every class of faults
really struck. A run that failed is kept in .cache/chaos/<seed>. Faults:
`

export class ArgumentsError extends Error {}

export function readArguments(args: readonly string[]): Arguments {
  const { values } = parse(args)
  const engine = oneOf('engine', values.engine ?? 'local', ['local', 'hatchet'])
  const store = oneOf('store', values.store ?? 'folder', ['folder', 's3'])
  const names = faultsFor(engine, store).map(({ name }) => name)
  const mixes = Array.from({ length: MIXES }, (_, mix) => `${mix}`)
  return {
    runs: whole('runs', values.runs ?? '8', 1),
    seed: whole('seed', values.seed ?? '1', 0),
    atOnce: whole('at-once', values['at-once'] ?? '1', 1),
    engine,
    store,
    faults: values.faults?.split(',').map((name) => oneOf('faults', name, names)),
    mixes: values.mixes?.split(',').map((mix) => Number(oneOf('mixes', mix, mixes))),
    minutes: values.minutes === undefined ? undefined : whole('minutes', values.minutes, 1),
    json: values.json ?? false,
    help: values.help ?? false,
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = {
    runs: text,
    seed: text,
    'at-once': text,
    engine: text,
    store: text,
    faults: text,
    mixes: text,
    minutes: text,
  }
  try {
    return parseArgs({ args: [...args], options: { ...options, json: flag, help: { ...flag, short: 'h' } } })
  } catch (error) {
    throw new ArgumentsError((error as Error).message)
  }
}

function whole(name: string, value: string, least: number): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new ArgumentsError(`Expected --${name} to be a whole number of ${least} or more, got ${value}.`)
}

function oneOf<const T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  throw new ArgumentsError(`Expected --${name} to be of ${choices.join(', ')}, got ${value}.`)
}
