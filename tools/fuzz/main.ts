// `scripts/run fuzz`: throws inputs at the doors through which files and messages come in.
import { type Arguments, ArgumentsError, HELP, readArguments } from './arguments.js'
import { DOORS } from './doors.js'
import { type Fuzzed, fuzz } from './fuzz.js'
import { keepInput, repeatText } from './keep.js'
import type { Find } from './messages.js'

/** Finds of one kind that are told. */
const TOLD = 3

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readArguments(args)
    if (options.help) {
      const width = Math.max(...DOORS.map(({ name }) => name.length))
      console.log(HELP + DOORS.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n'))
      return 0
    }
    return await run(options)
  } catch (error) {
    if (!(error instanceof ArgumentsError)) throw error
    say(error.message)
    return 2
  }
}

async function run({ seconds, seed, inputs, doors, json }: Arguments): Promise<number> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130)
      say('stopping; what was found so far follows')
      stop.abort()
    })
  }
  say(`${doors.join(', ')}: ${inputs === undefined ? `${seconds} s` : `${inputs} seeds`} from seed ${seed} on`)
  const kinds = new Map<string, number>()
  const began = Date.now()
  const fuzzed = await fuzz({
    doors,
    first: seed,
    inputs: inputs ?? Number.MAX_SAFE_INTEGER - seed,
    milliseconds: seconds * 1000,
    signal: stop.signal,
    onFind(find) {
      const times = (kinds.get(kindOf(find)) ?? 0) + 1
      kinds.set(kindOf(find), times)
      if (times <= TOLD) say(`\n${find.door}: ${find.problem}\n  kept in ${keepInput(find)}\n  ${repeatText(find)}`)
    },
  })
  const took = (Date.now() - began) / 1000
  if (json) console.log(JSON.stringify({ seed, seconds: took, ...fuzzed }))
  else console.log(`\n${tableText(fuzzed, seed, took)}`)
  if (stop.signal.aborted) return 130
  return fuzzed.finds.length > 0 ? 1 : 0
}

/** What many finds have in common: all but their numbers and quoted values. */
function kindOf({ door, problem }: Find): string {
  return `${door} ${problem.slice(0, 120).replace(/"[^"]*"|\d+/g, '')}`
}

function tableText({ counts, finds, seeds, largest }: Fuzzed, first: number, took: number): string {
  const width = Math.max(...Object.keys(counts).map((name) => name.length), 4)
  const lines = Object.entries(counts).map(([name, { taken, refused }]) => {
    const found = finds.filter(({ door }) => door === name).length
    return `${name.padEnd(width)} ${number(taken)} ${number(refused)} ${number(found)}`
  })
  const head = `${'door'.padEnd(width)} ${'taken'.padStart(9)} ${'refused'.padStart(9)} ${'wrong'.padStart(9)}`
  const sum = `${seeds} seeds from ${first} on in ${took.toFixed(0)} s, ${largest} MB at most. `
  return `${[head, ...lines].join('\n')}\n\n${sum}${finds.length === 0 ? 'All was well.' : `${finds.length} inputs were not taken as they should be.`}`
}

function number(value: number): string {
  return String(value).padStart(9)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
