import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { csvLine } from '../../../src/cli/csv-text.js'
import { exportRows } from '../../../src/cli/export.js'
import { openSpecs } from '../../../src/cli/specs/open.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { specParser } from '../../../src/experiment/specs.js'
import { experimentTables } from '../../../src/experiment/tables.js'
import { readRows } from '../../../src/table/rows.js'
import type { Column } from '../../../src/table/schema.js'
import { bytesSource } from '../../../src/table/source.js'
import { encodeTable } from '../../../src/table/writer.js'
import { collect } from '../../support/collect.js'
import { temporaryFolder } from '../../support/folders.js'
import { type Cell, tableOf } from './workbooks.js'

enum Scheme {
  Euler,
  Heun,
}

/** A field of every kind of column, as inputs and outputs have them, and values that it takes. */
const fields = (() => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(
      '',
      ' a ',
      '1',
      '1.0',
      '-0',
      'true',
      'null',
      '"x"',
      '"',
      '[1]',
      '{}',
      'NaN',
      'a,b',
      'a\r\nb',
      '\uFEFFx',
      '=1+1',
      "'=1+1",
      "''-",
      '+x',
      '-5',
      '-5-',
      '@a',
      '\t=1',
      "'",
    ),
  )
  // Neither JSON nor CSV tells -0 from 0 everywhere.
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
  const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const date = fc.date({ noInvalidDate: true })
  const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)))
  const pair = fc.record({ u: number, note: text }, { requiredKeys: ['u'] })
  const kinds: Record<string, [z.ZodType, fc.Arbitrary<unknown>]> = {
    int: [z.int(), fc.maxSafeInteger()],
    double: [z.number(), number],
    big: [z.bigint(), bigint],
    text: [z.string(), text],
    flag: [z.boolean(), fc.boolean()],
    day: [z.iso.date(), day.map((value) => value.toISOString().slice(0, 10))],
    date: [z.date(), date],
    choice: [z.enum(['low', '', ' 1']), fc.constantFrom('low', '', ' 1')],
    scheme: [z.enum(Scheme), fc.constantFrom(Scheme.Euler, Scheme.Heun)],
    tolerance: [z.union([z.literal('auto'), z.number()]), fc.oneof(fc.constant('auto'), number)],
    bits: [z.literal([1, '1', 'x', true, 'true']), fc.constantFrom(1, '1', 'x', true, 'true')],
    mixed: [z.union([z.string(), z.number(), z.boolean()]), fc.oneof(text, number, fc.boolean())],
    json: [z.unknown(), json],
    record: [z.record(z.string(), z.unknown()), fc.dictionary(fc.string(), json)],
    tuple: [z.tuple([z.string(), z.number()]), fc.tuple(text, number)],
    either: [z.union([z.array(z.number()), z.string()]), fc.oneof(fc.array(number, { maxLength: 2 }), text)],
    texts: [z.array(z.string().nullable()), fc.array(fc.option(text), { maxLength: 3 })],
    mixes: [z.array(z.union([z.string(), z.number()])), fc.array(fc.oneof(text, number), { maxLength: 3 })],
    dates: [z.array(z.date()), fc.array(date, { maxLength: 3 })],
    bigs: [z.array(z.bigint().optional()), fc.array(fc.option(bigint, { nil: undefined }), { maxLength: 3 })],
    wall: [z.object({ u: z.number(), note: z.string().optional() }), pair],
    walls: [z.array(z.object({ u: z.number(), note: z.string().optional() })), fc.array(pair, { maxLength: 3 })],
    odd: [
      z.object({ constructor: z.string().optional(), toString: z.int().nullable() }),
      fc.record({ constructor: text, toString: fc.option(fc.integer()) }, { requiredKeys: ['toString'] }),
    ],
  }
  const all: Record<string, [z.ZodType, fc.Arbitrary<unknown>]> = { ...kinds }
  for (const [name, [schema, values]] of Object.entries(kinds)) {
    all[`optional ${name}`] = [schema.optional(), fc.option(values, { nil: undefined })]
    if (name !== 'json') all[`nullable, ${name}`] = [schema.nullable(), fc.option(values)]
  }
  for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'a "b"', '=x', "'=x"])
    all[name] = [z.string().optional(), fc.option(text, { nil: undefined })]
  return all
})()

const input = z.object(Object.fromEntries(Object.entries(fields).map(([name, [schema]]) => [name, schema])))
const specs = fc.record(Object.fromEntries(Object.entries(fields).map(([name, [, values]]) => [name, values])))
const experiment = compileExperiment({ input, output: z.object({}) }, function every() {}, 'file:///every.js')
const { specs: schema } = experimentTables(experiment)
const parse = specParser(experiment)

function keep(spec: unknown, row: number) {
  const parsed = parse(spec, row)
  if ('problems' in parsed)
    throw new Error(JSON.stringify(parsed.problems.map(({ field, message }) => [field, message])))
  return parsed.spec
}

/** The table as somebody keeps it in a spreadsheet: numbers, booleans and times are cells of those kinds, all else is text. */
async function workbookOf(bytes: Uint8Array): Promise<Buffer> {
  const rows = await collect(readRows(bytesSource(bytes)))
  const cells = rows.map((row) => schema.columns.map((column) => cellOf(row[column.name], column)))
  return tableOf(
    schema.columns.map(({ name }) => name),
    ...cells,
  )
}

const SERIAL_OF_1970 = 25_569
const FIRST_DAY = Date.UTC(1900, 2, 1)
const LAST_DAY = Date.UTC(9999, 11, 31)

function cellOf(value: unknown, column: Column): Cell {
  if (value === null || value === undefined) return null
  const isLoose = column.type.kind === 'json' || (column.type.kind === 'string' && column.type.mixed)
  if (!isLoose && (typeof value === 'number' || typeof value === 'boolean')) return value
  if (value instanceof Date && value.getTime() >= FIRST_DAY && value.getTime() <= LAST_DAY)
    return { t: 'n', v: value.getTime() / 86_400_000 + SERIAL_OF_1970, z: 'yyyy-mm-dd hh:mm:ss.000' }
  const text = csvLine([value], [column], true)
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
}

/** A value with the texts that XML has: a line there ends with LF. */
function inXml(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\r\n?/g, '\n').replace(/[\uFFFE\uFFFF]|_x[\da-f]{4}_/gi, '?')
  if (Array.isArray(value)) return value.map(inXml)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, value]) => [inXml(name), inXml(value)]))
}

/** Null and "not there" are the same to a column. */
function present(row: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined))
}

it.each(['csv', 'jsonl', 'pq', 'xlsx'])(
  'a table exported as %s yields equal specs, whatever columns it has',
  async (format) => {
    const path = join(await temporaryFolder(), `specs.${format}`)
    await fc.assert(
      fc.asyncProperty(fc.array(specs, { minLength: 1, maxLength: 4 }), async (given) => {
        const kept = (format === 'xlsx' ? given.map(inXml) : given).map(keep)
        const data = Object.fromEntries(
          schema.columns.map(({ name }) => [name, kept.map((row) => (Object.hasOwn(row, name) ? row[name] : null))]),
        )
        const bytes = encodeTable(schema, data, kept.length)
        if (format === 'pq') await writeFile(path, bytes)
        else if (format === 'xlsx') await writeFile(path, await workbookOf(bytes))
        else await exportRows(readRows(bytesSource(bytes)), schema.columns, format as 'csv', path)
        const again = (await collect(await openSpecs([path], experiment))).map(keep)
        expect(again.map(present)).toEqual(kept.map(present))
      }),
      // Other libraries are slow.
      { numRuns: format === 'xlsx' ? 10 : 40 },
    )
  },
)
