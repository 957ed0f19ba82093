import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openSpecs } from '../../../src/cli/specs/open.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { specParser } from '../../../src/experiment/specs.js'
import { JsonText } from '../../../src/table/json-text.js'
import { collect } from '../../support/collect.js'
import { hasPython, runPython } from '../../support/python.js'
import { KINDS, type Meant } from './foreign-kinds.js'

const PAGE = new URL('../../../docs/tables-of-others.md', import.meta.url)
const FORMATS = ['parquet', 'csv', 'jsonl', 'xlsx']

describe.skipIf(!(await hasPython('tables that others wrote', 'tables')))('tables of other writers', () => {
  let folder: string
  let files: string[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    files = await runPython<string[]>(new URL('write_foreign.py', import.meta.url), folder, 'tables')
  }, 120_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('are read as documented, with all their types', async () => {
    const table = [
      '| written by | type | field | Parquet | CSV | JSON lines | .xlsx |',
      '| --- | --- | --- | --- | --- | --- | --- |',
    ]
    const types = new Set(files.map((name) => name.replace(/\.\w+$/, '')))
    for (const name of types) {
      const [writer, type] = name.split('-') as [string, string]
      const [, ...meant] = KINDS.find(([pattern]) => pattern.test(type))!
      for (const kind of meant) {
        const cells = FORMATS.map(async (format) => {
          return files.includes(`${name}.${format}`) ? outcome(join(folder, `${name}.${format}`), kind) : ''
        })
        table.push(`| ${writer} | \`${type}\` | \`${kind.field}\` | ${(await Promise.all(cells)).join(' | ')} |`)
      }
    }
    const page = await readFile(PAGE, 'utf8')
    // `vitest -u` writes it anew.
    await expect(`${page.split('\n|')[0]!.trimEnd()}\n\n${table.join('\n')}\n`).toMatchFileSnapshot(fileURLToPath(PAGE))
  }, 60_000)
})

/** What a file's column comes to as a field of this kind: right, or what is read, or the words it is refused with. */
async function outcome(path: string, { schema, value }: Meant): Promise<string> {
  const input = z.object({ value: schema.nullable().optional(), n: z.int().optional() })
  const experiment = compileExperiment({ input, output: z.object({}) }, function any() {}, 'file:///any.js')
  const parse = specParser(experiment)
  let rows: unknown[]
  try {
    rows = await collect(await openSpecs([path], experiment))
  } catch (error) {
    return `refused: ${shorten((error as { problem: string }).problem)}`
  }
  const [first, ...others] = rows.map(parse)
  if ('problems' in first!) return `refused: ${shorten(first.problems[0]!.message)}`
  const found = (first!.spec.value ?? null) as unknown
  if (others.some((parsed) => 'problems' in parsed)) return 'refused: another row'
  return isDeepStrictEqual(plain(found), plain(value)) ? 'right' : `**${shorten(shown(found))}**`
}

const shown = (value: unknown) =>
  JSON.stringify(value, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? String(value)

/** Without what tells a value that was kept, or a time of day, from one that was written down. */
function plain(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof JsonText) return JSON.parse(value.text)
  if (typeof value === 'string' && /^\d\d:\d\d:\d\d\.\d+$/.test(value)) return value.replace(/0+$/, '')
  return JSON.parse(shown(value))
}

const shorten = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 90)
