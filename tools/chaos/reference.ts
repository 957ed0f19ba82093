import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXPERIMENT, endedWell, startClient } from './client.js'
import { type ChaosSpec, type Mix, makeMix, outcomeOf } from './mix.js'
import { folderPlace, look } from './place.js'
import { marked, signal } from './processes.js'
import { readTables, type Tables } from './tables.js'

/** What nobody disturbed. */
export interface Reference {
  readonly mix: Mix
  readonly tables: Tables
  /** What is wrong with it already. */
  readonly problems: readonly string[]
}

const SLOTS = 2
const BATCHES = 40
const STUCK_MS = 45_000
const STAMP = fileURLToPath(new URL('../../dist/.stamp', import.meta.url))
const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The tables of a mix when nothing befalls its run: worked out once for this code, and kept in a folder. */
export async function referenceOf(id: number, kept: string, work: string): Promise<Reference> {
  const mix = makeMix(id)
  const hash = createHash('sha256').update(readFileSync(STAMP)).update(readFileSync(EXPERIMENT))
  for (const file of ['mix.ts', 'random.ts', 'tables.ts']) hash.update(readFileSync(join(HERE, file)))
  const file = join(kept, `${hash.digest('hex').slice(0, 16)}-${id}.json`)
  try {
    return { mix, tables: JSON.parse(readFileSync(file, 'utf8')), problems: [] }
  } catch {
    const reference = await runUndisturbed(mix, work)
    mkdirSync(kept, { recursive: true })
    if (reference.problems.length === 0) writeFileSync(file, JSON.stringify(reference.tables))
    return reference
  }
}

export function specsFile(folder: string, specs: readonly ChaosSpec[]): string {
  const file = join(folder, 'specs.jsonl')
  writeFileSync(file, specs.map((spec) => JSON.stringify(spec)).join('\n'))
  return file
}

async function runUndisturbed(mix: Mix, work: string): Promise<Reference> {
  const folder = mkdtempSync(join(work, `undisturbed-${mix.id}-`))
  const place = folderPlace(folder, false)
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  const mark = `undisturbed-${mix.id}-${process.pid}`
  const log = join(folder, 'client.log')
  let progress = { covered: 0, at: Date.now() }
  const batch = Math.ceil(mix.specs.length / BATCHES)
  const client = startClient({
    args: [
      ...[
        'run',
        EXPERIMENT,
        '--experiment',
        mix.experiment,
        '--specs',
        specsFile(folder, mix.specs),
        '--store',
        place.address,
        '--json',
      ],
      ...['--slots', `${SLOTS}`, '--batch', `${batch}`],
    ],
    env: { SCYTHE_ENGINE: 'local' },
    mark,
    temporary,
    cwd: folder,
    log,
  })
  const timer = setInterval(() => {
    const { covered } = look(place)
    if (covered !== progress.covered) progress = { covered, at: Date.now() }
    else if (Date.now() - progress.at > STUCK_MS) client.kill('SIGKILL')
  }, 500)
  await client.gone
  clearInterval(timer)
  for (const { pid } of marked(mark)) signal(pid, 'SIGKILL')
  const { run } = look(place)
  if (run === undefined || !endedWell(client)) {
    const problem = client.wasKilled ? `stood still for ${STUCK_MS / 1000} s` : `failed: ${client.lastWords()}`
    return { mix, tables: {}, problems: [`the undisturbed run of mix ${mix.id} ${problem}`] }
  }
  const tables = await readTables(place.address, run)
  rmSync(folder, { recursive: true, force: true })
  return { mix, tables, problems: unexpected(mix, tables) }
}

/** Specs that came to something else than their kind is to come to, and rows in which another spec's doings show. */
function unexpected({ id, specs }: Mix, tables: Tables): string[] {
  const results = new Map(tables.scalars?.map(({ sortIndex, text }) => [sortIndex, JSON.parse(text)]))
  const errors = new Map(tables.errors?.map(({ sortIndex, text }) => [sortIndex, JSON.parse(text)]))
  const wrong: string[] = []
  for (const spec of specs) {
    const { n, kind } = spec
    const outcome = outcomeOf(spec)
    const [result, error] = [results.get(n), errors.get(n)]
    const fits =
      outcome === 'either' ? result || error : outcome === 'result' ? result : outcome.includes(error?.error_code)
    if (!fits)
      wrong.push(`spec ${n} (${kind}) came to ${error ? `${error.error_code} ${error.error_message}` : 'a result'}`)
    else if (result && !result.here) wrong.push(`spec ${n} (${kind}) ran in the folder that another left it in`)
    else if (result && result.sine !== Math.sin(1)) wrong.push(`spec ${n} (${kind}) computed with another's Math.sin`)
  }
  return wrong.map((problem) => `the undisturbed run of mix ${id}: ${problem}`)
}
