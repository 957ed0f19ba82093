import fc from 'fast-check'
import type { Column, ColumnType, TableSchema } from '../../src/table/schema.js'

/** A table as a user would have it: a schema and rows. */
export interface SampleTable {
  readonly schema: TableSchema
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

const NAMES = ['sort_index', 'x', 'a b', 'größe', 'list', 'element', 'key', 'a.b', 'name', '0']

/** The years that Python's dates know. */
const PYTHON_DATES = { min: new Date('0001-01-01'), max: new Date('9999-12-31') }

const flatTypes: ColumnType[] = [
  { kind: 'int64' },
  { kind: 'int64', bigint: true },
  { kind: 'double' },
  { kind: 'string' },
  { kind: 'boolean' },
  { kind: 'date' },
  { kind: 'timestamp' },
  { kind: 'json' },
]

/** Tables of every type of column, nested ones too. */
export const anyTable = tableOf(flatTypes)

/** Tables without timestamps, which parquetjs-lite cannot read: it takes 64-bit integers as bigints, and then wants a number. */
export const tableForParquetjs = tableOf(flatTypes.filter(({ kind }) => kind !== 'timestamp'))

/** The rows as reading gives them: no value is null, and JSON is what its text says. */
export function rowsAsRead(table: SampleTable): Record<string, unknown>[] {
  return table.rows.map((row) =>
    Object.fromEntries(table.schema.columns.map(({ name, type }) => [name, asRead(type, row[name])])),
  )
}

/** The same rows column by column, as they are given to a writer. */
export function dataOf({ schema, rows }: SampleTable): Record<string, unknown[]> {
  return Object.fromEntries(schema.columns.map(({ name }) => [name, rows.map((row) => row[name])]))
}

function rowsOf({ columns }: TableSchema): fc.Arbitrary<SampleTable['rows']> {
  const row = fc.record(Object.fromEntries(columns.map(({ name, type }) => [name, value(type)])))
  return fc.array(row, { maxLength: 40, size: '+1' })
}

/** Columns, and some of the flat ones as the index, in any order. */
function schemaOf(type: fc.Arbitrary<ColumnType>): fc.Arbitrary<TableSchema> {
  return columnsOf(type, 1).chain((columns) => {
    const flat = columns.filter(({ type }) => type.kind !== 'list' && type.kind !== 'struct' && type.kind !== 'json')
    return fc.shuffledSubarray(flat.map(({ name }) => name)).map((index) => ({ columns, index }))
  })
}

function tableOf(flat: ColumnType[]): fc.Arbitrary<SampleTable> {
  return schemaOf(nested(fc.constantFrom(...flat))).chain((schema) => rowsOf(schema).map((rows) => ({ schema, rows })))
}

function nested(flat: fc.Arbitrary<ColumnType>): fc.Arbitrary<ColumnType> {
  return fc.letrec<{ type: ColumnType }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      flat,
      fc.record({ kind: fc.constant('list' as const), item: tie('type') }),
      fc.record({ kind: fc.constant('struct' as const), fields: columnsOf(tie('type'), 0) }),
    ),
  })).type
}

function columnsOf(type: fc.Arbitrary<ColumnType>, minLength: number): fc.Arbitrary<Column[]> {
  const column = fc.record({ name: fc.constantFrom(...NAMES), type })
  return fc.uniqueArray(column, { selector: ({ name }) => name, minLength, maxLength: 4 })
}

/** Made once: making them takes longer than using them. */
const flatValues = {
  int64: orNothing(fc.maxSafeInteger()),
  bigint: orNothing(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  double: orNothing(fc.double()),
  string: orNothing(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'again', 'again', 'experiments/v1.0.0')),
  ),
  boolean: orNothing(fc.boolean()),
  date: orNothing(fc.date({ ...PYTHON_DATES, noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10))),
  timestamp: orNothing(fc.date({ ...PYTHON_DATES, noInvalidDate: true })),
  json: orNothing(fc.jsonValue({ maxDepth: 2 })),
}

function value(type: ColumnType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'int64':
      return type.bigint ? flatValues.bigint : flatValues.int64
    case 'list':
      return orNothing(fc.array(value(type.item), { maxLength: 4 }))
    case 'struct':
      return orNothing(fc.record(Object.fromEntries(type.fields.map((field) => [field.name, value(field.type)]))))
    default:
      return flatValues[type.kind]
  }
}

function orNothing(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 1, arbitrary: fc.constantFrom(null, undefined) }, { weight: 6, arbitrary: value })
}

function asRead(type: ColumnType, given: unknown): unknown {
  if (given === null || given === undefined) return null
  switch (type.kind) {
    case 'int64':
      return typeof given === 'bigint' ? given : (given as number) + 0
    case 'json':
      return JSON.parse(JSON.stringify(given))
    case 'list':
      return (given as unknown[]).map((item) => asRead(type.item, item))
    case 'struct':
      return Object.fromEntries(
        type.fields.map((field) => [field.name, asRead(field.type, (given as Record<string, unknown>)[field.name])]),
      )
    default:
      return given
  }
}
