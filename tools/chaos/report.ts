import type { RunReport } from './run.js'
import { isWrong } from './session.js'

/** What all runs with a class of faults among theirs came to. */
export interface FaultLine {
  readonly fault: string
  /** How often it really hit something, of so many times that it came. */
  struck: number
  drawn: number
  /** Of the runs that it struck: specs lost, doubled, different; processes, files and objects left behind. */
  lost: number
  doubled: number
  different: number
  left: number
  /** Runs that it struck, and that were not done in the end. */
  unfinished: number
  /** Command lines that gave up, so that somebody had to resume the run. */
  gaveUp: number
  readonly recovered: number[]
}

/** One line a class, in the order of the classes. */
export function tally(reports: readonly RunReport[], faults: readonly string[]): FaultLine[] {
  const lines = faults.map((fault) => lineFor(fault))
  const total = lineFor('all runs')
  for (const report of reports) {
    const hit = new Set(report.struck.flatMap(({ fault, hit }) => (hit ? [fault] : [])))
    for (const line of lines) if (hit.has(line.fault)) addRun(line, report)
    addRun(total, report)
    for (const {
      fault: { name },
    } of report.scenario.strikes) {
      for (const line of [lines.find(({ fault }) => fault === name)!, total]) line.drawn += 1
    }
    for (const { fault, hit, gaveUp, recoveredAfter } of report.struck) {
      for (const line of [lines.find((line) => line.fault === fault)!, total]) {
        if (hit) line.struck += 1
        if (gaveUp !== undefined) line.gaveUp += 1
        if (recoveredAfter !== undefined) line.recovered.push(recoveredAfter)
      }
    }
  }
  return [...lines, total]
}

function lineFor(fault: string): FaultLine {
  const zero = { struck: 0, drawn: 0, lost: 0, doubled: 0, different: 0, left: 0, unfinished: 0, gaveUp: 0 }
  return { fault, ...zero, recovered: [] }
}

function addRun(line: FaultLine, { verdict, left, problems }: RunReport): void {
  line.lost += verdict?.lost ?? 0
  line.doubled += verdict?.doubled ?? 0
  line.different += verdict?.different ?? 0
  line.left += left.length + (verdict?.unnamed.length ?? 0)
  if (problems.length > 0) line.unfinished += 1
}

const COLUMNS = ['fault', 'struck', 'lost', 'doubled', 'different', 'left', 'unfinished', 'gave up', 'recovered']

export function tableText(lines: readonly FaultLine[]): string {
  const cells = lines.map(({ fault, struck, drawn, lost, doubled, different, left, unfinished, gaveUp, recovered }) => [
    fault,
    `${struck}/${drawn}`,
    ...[lost, doubled, different, left, unfinished, gaveUp].map(String),
    recovered.length === 0 ? '–' : `${(median(recovered) / 1000).toFixed(1)} s`,
  ])
  const rows = [COLUMNS, ...cells]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n')
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** One line about a run, and what is wrong with it below. */
export function runText(report: RunReport): string {
  const { scenario, seconds, resumes, struck, verdict, left, problems, undisturbed } = report
  const { seed, mix, strikes } = scenario
  const hits = struck.map(({ fault, hit }) => (hit ? fault : `(${fault})`)).join(', ')
  const missed = strikes.length - struck.length
  const head = `seed ${seed}: mix ${mix}, ${seconds.toFixed(1)} s, ${resumes} resumes; ${hits}${missed > 0 ? `; ${missed} not due` : ''}`
  const gaveUp = struck.flatMap(({ fault, gaveUp }) => (gaveUp ? [`  gave up in ${fault}: ${gaveUp}`] : []))
  if (!isWrong(report)) return [`ok      ${head}`, ...gaveUp].join('\n')
  const counts = verdict
    ? [
        `  lost ${verdict.lost}, doubled ${verdict.doubled}, different ${verdict.different}, unnamed ${verdict.unnamed.length}`,
      ]
    : []
  const details = [
    ...undisturbed.slice(0, 5),
    ...problems,
    ...(verdict?.examples ?? []),
    ...left,
    ...(verdict?.unnamed.slice(0, 3) ?? []),
  ]
  return [`FAILED  ${head}`, ...gaveUp, ...counts, ...details.map((line) => `  ${line}`)].join('\n')
}
