// `scripts/run chaos`: runs under fire, compared with undisturbed ones.
import { fileURLToPath } from 'node:url'
import { type Arguments, ArgumentsError, HELP, readArguments } from './arguments.js'
import { FAULTS } from './faults.js'
import { runText, tableText, tally } from './report.js'
import type { RunReport } from './run.js'
import { drawScenario, STRIKES } from './scenario.js'
import { isWrong, startSession, whyNoSession } from './session.js'

const kept = fileURLToPath(new URL('../../.cache/chaos', import.meta.url))

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readArguments(args)
    if (options.help) {
      const width = Math.max(...FAULTS.map(({ name }) => name.length))
      console.log(HELP + FAULTS.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n'))
      return 0
    }
    const reason = await whyNoSession({ ...options, kept })
    if (reason) throw new ArgumentsError(`This cannot run here: ${reason}.`)
    return await run(options)
  } catch (error) {
    if (!(error instanceof ArgumentsError)) throw error
    say(error.message)
    return 2
  }
}

async function run(options: Arguments): Promise<number> {
  const { runs, seed, atOnce, mixes, minutes, json } = options
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130)
      say('stopping; the table so far follows')
      stop.abort()
    })
  }
  const session = await startSession({ ...options, kept })
  const faults = session.faults.filter(({ name }) => options.faults?.includes(name) ?? true)
  for (const [name, reason] of session.leftOut) say(`left out: ${name}, since ${reason}`)
  const until = minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000
  const reports: RunReport[] = []
  let left: string[] = []
  try {
    let next = seed
    const runOnes = async () => {
      while (next < seed + runs && Date.now() < until && !stop.signal.aborted) {
        const report = await session.run(drawScenario(next++, faults, mixes), stop.signal)
        if (stop.signal.aborted) return
        reports.push(report)
        say(runText(report))
      }
    }
    await Promise.all(Array.from({ length: atOnce }, runOnes))
  } finally {
    left = await session.close()
  }
  const names = faults.filter(({ name }) => !session.leftOut.has(name)).map(({ name }) => name)
  const lines = tally(reports, names)
  const wrong = reports.filter(isWrong)
  const never = lines.flatMap(({ fault, struck }) => (struck === 0 && names.includes(fault) ? [fault] : []))
  // A few runs need not have had every class among them.
  const all = !stop.signal.aborted && (options.faults !== undefined || reports.length * STRIKES >= 2 * names.length)
  if (json) {
    const failed = wrong.map(({ scenario }) => ({ seed: scenario.seed, repeat: repeatText(options, scenario.seed) }))
    console.log(JSON.stringify({ runs: reports.length, faults: lines, failed, never, left }))
  } else {
    console.log(`\n${tableText(lines)}\n`)
    for (const { scenario } of wrong) console.log(`failed: ${repeatText(options, scenario.seed)}`)
    for (const name of never) console.log(`${all ? 'failed' : 'note'}: ${name} never really struck`)
    for (const line of left) console.log(`failed: left behind in the end: ${line}`)
  }
  if (stop.signal.aborted) return 130
  return wrong.length > 0 || left.length > 0 || reports.length === 0 || (all && never.length > 0) ? 1 : 0
}

/** The command that does a seed's run again. */
function repeatText({ engine, store, faults, mixes }: Arguments, seed: number): string {
  const only = [faults ? ` --faults ${faults.join(',')}` : '', mixes ? ` --mixes ${mixes.join(',')}` : ''].join('')
  return `scripts/run chaos --seed ${seed} --runs 1 --engine ${engine} --store ${store}${only}`
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
