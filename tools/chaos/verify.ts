import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { filesIn, namesIn, type Place } from './place.js'
import { type Row, readTables, type Tables } from './tables.js'

/** What is wrong with a run that ended. */
export interface Verdict {
  /** Specs without a row. */
  readonly lost: number
  /** Rows beyond one a spec, and beyond one a place in a table of several rows a spec. */
  readonly doubled: number
  /** Specs of which the undisturbed run says something else. */
  readonly different: number
  /** Objects in the run's folder that no receipt names. */
  readonly unnamed: readonly string[]
  /** Some of it in words. */
  readonly examples: readonly string[]
}

const EXAMPLES = 5

export async function verify(place: Place, run: string, specs: number, expected: Tables): Promise<Verdict> {
  const tables = await readTables(place.address, run)
  const examples: string[] = []
  const rows = [...(tables.scalars ?? []), ...(tables.errors ?? [])]
  const seen = new Set(rows.map(({ sortIndex }) => sortIndex))
  const lost = Array.from({ length: specs }, (_, n) => n).filter((n) => !seen.has(n))
  if (lost.length > 0) examples.push(`lost: ${lost.slice(0, EXAMPLES).join(', ')}`)
  let doubled = rows.length - seen.size
  for (const [name, { length }, keys] of Object.entries(tables).map(
    ([name, rows]) => [name, rows, new Set(rows.map(({ key }) => key))] as const,
  )) {
    if (name !== 'scalars' && name !== 'errors') doubled += length - keys.size
  }
  const different = new Set<number>()
  for (const name of new Set(['errors', ...Object.keys(expected), ...Object.keys(tables)])) {
    for (const [sortIndex, was, is] of differences(expected[name] ?? [], tables[name] ?? [])) {
      if (!different.has(sortIndex) && different.size < EXAMPLES) examples.push(exampleOf(name, sortIndex, was, is))
      different.add(sortIndex)
    }
  }
  const unnamed = unnamedIn(join(place.folder, run))
  return { lost: lost.length, doubled, different: different.size, unnamed, examples }
}

function differences(
  expected: readonly Row[],
  actual: readonly Row[],
): [sortIndex: number, was: string | undefined, is: string | undefined][] {
  const byKey = new Map(actual.map((row) => [row.key, row]))
  const found: [sortIndex: number, was: string | undefined, is: string | undefined][] = []
  for (const { key, sortIndex, text } of expected) {
    const other = byKey.get(key)
    byKey.delete(key)
    if (other?.text !== text) found.push([sortIndex, text, other?.text])
  }
  for (const { sortIndex, text } of byKey.values()) found.push([sortIndex, undefined, text])
  const inOrder = actual.every(({ sortIndex }, i) => i === 0 || actual[i - 1]!.sortIndex <= sortIndex)
  if (!inOrder) found.push([-1, 'rows in order', 'rows out of order'])
  return found
}

const LONGEST = 300

function exampleOf(table: string, sortIndex: number, was = 'no row', is = 'no row'): string {
  return `${table} ${sortIndex}: is ${is.slice(0, LONGEST)}; undisturbed ${was.slice(0, LONGEST)}`
}

const FIXED = new Set([
  'manifest.yml',
  'experiment_io_spec.yml',
  'input_artifacts.yml',
  'specs.pq',
  'allocation.json',
  'root.json',
  'plan.json',
  'receipt.json',
])

interface Named {
  readonly attempt?: string
  readonly tables: Record<string, { key: string }[] | { key: string }>
}

/** What a receipt names, or `undefined` if there is none that is whole. */
function readNamed(path: string): Named | undefined {
  try {
    const { crc32: checksum, ...value } = JSON.parse(readFileSync(path, 'utf8'))
    return checksum === undefined || checksum === crc32(JSON.stringify(value)) ? value : undefined
  } catch {
    return undefined
  }
}

/** What lies in a run's folder, and neither belongs to every run nor is named by a receipt. */
function unnamedIn(folder: string): string[] {
  const names = existsSync(join(folder, 'receipts')) ? namesIn(join(folder, 'receipts')) : []
  const read = ['receipt.json', ...names.map((name) => `receipts/${name}`)].map(
    (path) => [path, readNamed(join(folder, path))] as const,
  )
  const receipts = read.flatMap(([, receipt]) => receipt ?? [])
  // One that is damaged after it was read for the last time names nothing, and nobody needs it any more.
  const damaged = read.flatMap(([path, receipt]) => (receipt ? [] : (/receipt-(\d+-\d+)/.exec(path)?.[1] ?? [])))
  const keys = new Set(
    receipts.flatMap(({ tables }) => Object.values(tables).flatMap((it) => [it].flat())).map(({ key }) => key),
  )
  const attempts = new Set(receipts.map(({ attempt }) => attempt))
  return filesIn(folder).filter((path) => {
    // A plan that was damaged has a successor.
    if (
      FIXED.has(path.replace(/\.\d+\.json$/, '.json')) ||
      keys.has(path) ||
      path.startsWith('receipts/') ||
      damaged.some((range) => path.split('/').some((name) => name.startsWith(`${range}-`))) ||
      path.startsWith('artifacts/')
    )
      return false
    // results/<field>/<attempt>/…
    return !(path.startsWith('results/') && attempts.has(path.split('/')[2]))
  })
}
