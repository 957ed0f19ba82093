import { fileURLToPath } from 'node:url'
import { inspect, isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { BaseExperiment, type Engine, localEngine, type Runnable, type SpecsOf } from '../../src/index.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { hasPython, runPython } from '../support/python.js'
import { BORDERS, borders, inputSpec, inputs, outputs, STORED, typeNameOf, UNSTORABLE } from './fixtures/kinds.js'

const PAGE = fileURLToPath(new URL('../../docs/types.md', import.meta.url))

interface TableTypes {
  readonly index: readonly string[]
  readonly columns: Readonly<Record<string, string>>
  readonly dtypes: Readonly<Record<string, string>>
}

describe.skipIf(!(await hasPython('types of columns')))('docs/types.md', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await localEngine({ slots: 1 })
  })
  afterAll(() => engine.close())

  async function allocate<R extends Runnable>(runnable: R, specs: SpecsOf<R>) {
    const store = await temporaryFolder()
    const { run, ref } = await new BaseExperiment({ runnable, store }).allocate(specs, { engine })
    await ref.result()
    return run
  }

  it('docs/types.md says which column, dtype and value each zod type has', async () => {
    const page = [HEAD, await storedTable(), BORDER_HEAD, await borderTable(), UNSTORABLE_HEAD, unstorableTable()]
    await expect(`${page.join('\n\n')}\n`).toMatchFileSnapshot(PAGE)
  })

  async function storedTable(): Promise<string> {
    const full = await allocate(outputs, [{ full: true }])
    const withNulls = await allocate(outputs, [{ full: true }, { full: false }])
    const given = await allocate(inputs, [inputSpec(true), inputSpec(false)])
    const files = [full, withNulls, given].map(({ uri }) => fileURLToPath(`${uri}/final/scalars.pq`))
    const [types, typesWithNulls, typesGiven] = await runPython<TableTypes[]>(
      new URL('read_types.py', import.meta.url),
      files,
    )
    const [row] = await collect(full.rows('scalars'))
    const [ofInput, ofNulls] = await collect(given.rows('scalars'))
    expect(String(ofNulls!.types).split(',')).toEqual(STORED.map(() => 'null'))
    // The function receives the values that `run.rows()` yields.
    expect(String(ofInput!.types).split(',')).toEqual(STORED.map((_, i) => typeNameOf(row![`field_${i}`])))

    const rows = STORED.map(({ field, value }, i) => {
      const name = `field_${i}`
      const [dtype, dtypeWithNulls] = [types!, typesWithNulls!].map(({ dtypes }) => dtypes[name]!)
      const dtypes = dtype === dtypeWithNulls ? code(dtype!) : `${code(dtype!)}, ${code(dtypeWithNulls!)}`
      const read = isDeepStrictEqual(row![name], value) ? '' : shown(row![name])
      const inIndex = typesGiven!.index.includes(name) ? 'yes' : 'no'
      return [code(field), shown(value), read, code(types!.columns[name]!), dtypes, inIndex]
    })
    return table(['field', 'value', 'is read as', 'column', 'pandas', 'in the index'], rows)
  }

  async function borderTable(): Promise<string> {
    const rows: string[][] = []
    for (const [i, { field, value }] of BORDERS.entries()) {
      const run = await allocate(borders[i]!, [{}])
      const [error] = await collect(run.errors())
      if (error) rows.push([code(field), shown(value), `refused: ${text(String(error.error_message))}`])
      else {
        const [row] = await collect(run.rows('scalars'))
        rows.push([code(field), shown(value), shown(row!.value)])
      }
    }
    return table(['field', 'returned', 'stored'], rows)
  }
})

function unstorableTable(): string {
  return table(
    ['field', 'message'],
    UNSTORABLE.map(({ field, schema }) => [code(field), text(refusalOf(schema))]),
  )
}

function refusalOf(schema: z.ZodType): string {
  const input = z.object({ value: schema })
  try {
    compileExperiment({ input, output: z.object({}) }, function study() {}, 'file:///study.js')
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('A field was expected to be refused.')
}

const HEAD = `# Types of columns

Each field of an input or an output has a column, and its zod schema says which. This page is written by a test that registers
experiments with these fields, runs them, and reads the tables with pandas 2.3:
\`scripts/run test test/docs/types.test.ts -u\`. How to choose types is in [Experiments](experiments.md#types).

- **value**: allocated for a field of an input, or returned for a field of an output.
- **is read as**: the value in a spec, and in a row of \`run.rows()\`; blank if it is the value itself.
- **column**: the type in Parquet, as pyarrow names it. A column of JSON is a \`string\` with JSON in it.
- **pandas**: the dtype that \`pd.read_parquet\` returns, and the dtype if there are nulls, if that is another one.
- **in the index**: whether the field, in an input, is a level of the index of every table.

\`.optional()\`, \`.nullable()\`, \`.nullish()\`, \`.default()\`, \`.readonly()\` and \`.catch()\` do not change the column: every column may hold nulls.`

const BORDER_HEAD = `## Values at the borders

A value that a function returns is checked by the schema of the output. A value that is refused makes its spec an error, \`OUTPUT_INVALID\`.`

const UNSTORABLE_HEAD = `## Fields without a column

An experiment with one of these is refused when it is registered, \`EXPERIMENT_INVALID\`.`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function code(words: string): string {
  return `\`${words.replaceAll('|', '\\|')}\``
}

function shown(value: unknown): string {
  return code(inspect(value, { breakLength: Number.POSITIVE_INFINITY }))
}

function text(words: string): string {
  return words.replace(/[\\|`*_<>[\]]/g, '\\$&').replaceAll('\n', '<br>')
}
