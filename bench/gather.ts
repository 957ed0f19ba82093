// scripts/run bench gather: 1,000 parts of 1,000 rows and 9 columns to one file with row groups of 100,000, against pandas; then
// five times as many parts, which must take no more memory.
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTableAssembler } from '../src/table/assemble.js'
import type { TableSchema } from '../src/table/schema.js'
import { encodeTable } from '../src/table/writer.js'
import { python } from '../test/support/python.js'
import { measure } from './support/measure.js'

const PARTS = 1_000
const ROWS = 1_000
const ROW_GROUP_SIZE = 100_000
const AHEAD = 8

const schema: TableSchema = {
  columns: [
    { name: 'experiment_id', type: { kind: 'string' } },
    { name: 'sort_index', type: { kind: 'int64' } },
    { name: 'workflow_run_id', type: { kind: 'string' } },
    { name: 'x', type: { kind: 'double' } },
    { name: 'mode', type: { kind: 'string' } },
    { name: 'flag', type: { kind: 'boolean' } },
    { name: 'value', type: { kind: 'double' } },
    { name: 'label', type: { kind: 'string' } },
    { name: 'margin', type: { kind: 'double' } },
  ],
  index: ['experiment_id', 'sort_index', 'workflow_run_id', 'x', 'mode', 'flag'],
}

interface Figures {
  readonly rows: number
  readonly seconds: number
}

function part(number: number): Uint8Array {
  const column = (value: (i: number) => unknown) => Array.from({ length: ROWS }, (_, row) => value(number * ROWS + row))
  const id = `031f224d-dbe4-47de-a97b-${String(number).padStart(12, '0')}`
  const data = {
    experiment_id: column(() => 'building_energy/v1.0.0/2026-01-31_12-00-00'),
    sort_index: column((i) => i),
    workflow_run_id: column(() => id),
    x: column((i) => i / 7),
    mode: column((i) => (i % 3 === 0 ? 'sum' : 'product')),
    flag: column((i) => i % 2 === 0),
    value: column((i) => Math.sin(i)),
    label: column((i) => `label ${i}`),
    margin: column((i) => (i % 10 === 0 ? null : i * 1.5)),
  }
  return encodeTable(schema, data, ROWS)
}

/** Gathers a folder's parts, some times over, in this process. */
async function gather(folder: string, times: number, to: string): Promise<Figures> {
  const start = performance.now()
  const assembler = createTableAssembler(schema, { rowGroupSize: ROW_GROUP_SIZE })
  const file = await open(to, 'w')
  const names = (await readdir(folder)).sort()
  const paths = Array.from({ length: times }, () => names.map((name) => join(folder, name))).flat()
  for await (const bytes of readAhead(paths)) {
    for (const piece of await assembler.addPart(bytes)) await file.write(piece as Uint8Array)
  }
  for (const piece of assembler.finish()) await file.write(piece as Uint8Array)
  await file.close()
  return { rows: assembler.rows, seconds: (performance.now() - start) / 1000 }
}

/** The files in their order, some of them read before their turn. */
async function* readAhead(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  const reading: Promise<Uint8Array>[] = []
  for (const path of paths) {
    reading.push(readFile(path))
    if (reading.length > AHEAD) yield await reading.shift()!
  }
  yield* reading
}

async function compare(): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'scythe-bench-'))
  const folder = join(root, 'parts')
  const ours = join(root, 'ours.pq')
  try {
    await mkdir(folder)
    for (let i = 0; i < PARTS; i++) await writeFile(join(folder, `${String(i).padStart(6, '0')}.pq`), part(i))
    const itself = ['--import', import.meta.resolve('tsx'), fileURLToPath(import.meta.url)]
    const scythe = await run('scythe', process.execPath, [...itself, folder, '1', ours])
    const pandas = await run('pandas', await python('test'), [
      fileURLToPath(new URL('gather_pandas.py', import.meta.url)),
      folder,
      ours,
    ])
    console.log(`  ${(pandas / scythe).toFixed(1)} times as fast as pandas`)
    await run('scythe', process.execPath, [...itself, folder, '5', ours])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function run(name: string, program: string, args: readonly string[]): Promise<number> {
  const { figures, peakBytes } = await measure<Figures>(program, args)
  const { rows, seconds } = figures
  console.log(
    `${name}, ${rows.toLocaleString('en')} rows: ${seconds.toFixed(2)} s, at most ${Math.round(peakBytes / 1e6)} MB`,
  )
  return seconds
}

const [folder, times, to] = process.argv.slice(2)
if (folder && times && to) console.log(JSON.stringify(await gather(folder, Number(times), to)))
else await compare()
