import { z } from 'zod'
import type { Experiment } from './experiment.js'
import { type Schema, takesNull, unwrap } from './schema.js'
import { experimentTables } from './tables.js'

export type Row = Record<string, unknown>

/** `text`: a value is text, whatever it means (CSV). `data`: only what the format has no type for is text (JSON, Parquet). */
export type Encoding = 'text' | 'data'

/** A file's value as the schema takes it. What does not fit stays as it is, so that validation can name it. */
type Convert = (value: unknown) => unknown

/**
 * Turns the rows of a file, or JSON from elsewhere, into specs: values in the types that the input schema takes, no value (null) left out where a field
 * may be absent but not null. Columns that Scythe itself puts beside the specs are dropped: a run's `specs.pq` and
 * `errors.pq` are tables of specs.
 */
export function rowConverter(experiment: Experiment, encoding: Encoding): (row: Row) => Row {
  const shape = experiment.input.shape as Record<string, Schema>
  const { specs, results } = experimentTables(experiment)
  const own = [...specs.columns, ...results.errors!.columns].map(({ name }) => name)
  const dropped = new Set([...own, PANDAS_INDEX].filter((name) => !Object.hasOwn(shape, name)))
  const fields = new Map(
    Object.entries(shape).map(([name, schema]) => [
      name,
      { convert: converter(schema, encoding), omitNull: !takesNull(schema) && schema._zod.optin !== undefined },
    ]),
  )
  return (row) => {
    const spec: Row = {}
    for (const name of Object.keys(row)) {
      if (dropped.has(name)) continue
      const value = row[name] ?? null
      const field = fields.get(name)
      if (value !== null) spec[name] = field ? field.convert(value) : value
      else if (!field?.omitNull) spec[name] = null
    }
    return spec
  }
}

/** What pandas calls the index of a table whose rows were filtered or sorted. */
const PANDAS_INDEX = '__index_level_0__'

const asIs: Convert = (value) => value

type Known = Readonly<Record<Encoding, Map<Schema, Convert>>>

function converter(schema: Schema, encoding: Encoding, known: Known = { text: new Map(), data: new Map() }): Convert {
  const there = known[encoding].get(schema)
  if (there) return there
  // A schema may lie within itself.
  known[encoding].set(schema, (value) => convert(value))
  const convert = makeConverter(schema, encoding, known)
  known[encoding].set(schema, convert)
  return convert
}

function makeConverter(schema: Schema, encoding: Encoding, known: Known): Convert {
  const { def } = schema._zod
  switch (def.type) {
    case 'number':
      return encoding === 'text' ? ofText(textToNumber) : bigintToNumber
    case 'nan':
      return ofText((text) => (/^nan$/i.test(text.trim()) ? Number.NaN : text))
    case 'bigint':
      return toBigint
    case 'boolean':
      return encoding === 'text' ? ofText(textToBoolean) : asIs
    case 'date':
      return ofText(textToDate)
    case 'enum':
    case 'literal':
      return encoding === 'text' ? ofText((text) => textToValue(text, [...(schema._zod.values ?? [])])) : asIs
    case 'array': {
      const item = converter(def.element as Schema, 'data', known)
      return ofJson((value) => (Array.isArray(value) ? value.map(item) : value))
    }
    case 'object':
      return ofJson(objectConverter(def.shape as Record<string, Schema>, known))
    case 'record':
    case 'tuple':
    case 'intersection':
      return ofJson(asIs)
    case 'any':
    case 'unknown':
      return encoding === 'text' ? ofJson(asIs) : asIs
    case 'union':
      return firstThatFits(def.options as Schema[], encoding, known)
    default: {
      const inner = taken(schema)
      return inner ? converter(inner, encoding, known) : asIs
    }
  }
}

/** The schema within a wrapper: of a pipe, what goes in, unless that is a function, which says nothing of what it takes. */
function taken(schema: Schema): Schema | undefined {
  const { def } = schema._zod
  if (def.type !== 'pipe') return unwrap(schema)
  const source = def.in as Schema
  return source._zod.def.type === 'transform' ? (def.out as Schema) : source
}

function objectConverter(shape: Record<string, Schema>, known: Known): Convert {
  const fields = Object.entries(shape).map(([name, schema]) => [name, converter(schema, 'data', known)] as const)
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const object: Row = { ...value }
    for (const [name, convert] of fields) if (Object.hasOwn(object, name)) object[name] = convert(object[name])
    return object
  }
}

function firstThatFits(options: readonly Schema[], encoding: Encoding, known: Known): Convert {
  const sides = options.map((schema) => ({ schema, convert: converter(schema, encoding, known) }))
  return (value) => {
    for (const { schema, convert } of sides) {
      const converted = convert(value)
      if (z.safeParse(schema, converted).success) return converted
    }
    return value
  }
}

function ofText(convert: (text: string) => unknown): Convert {
  return (value) => (typeof value === 'string' ? convert(value) : value)
}

/** Lists and objects are JSON text where the format has only texts. */
function ofJson(convert: Convert): Convert {
  return (value) => {
    if (typeof value !== 'string') return convert(value)
    try {
      return convert(JSON.parse(value))
    } catch {
      return value
    }
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/

function textToNumber(text: string): unknown {
  const trimmed = text.trim()
  return NUMBER.test(trimmed) ? Number(trimmed) : text
}

/** Parquet has one kind of integer. One that a number cannot hold stays what it is, and does not fit. */
function bigintToNumber(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** A number that is no safe integer has lost digits already. */
function toBigint(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? BigInt(value) : value
}

function textToBoolean(text: string): unknown {
  const word = text.trim().toLowerCase()
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : text
}

/** Times without a zone are UTC, so that a table means the same everywhere. */
function textToDate(text: string): unknown {
  const trimmed = text.trim()
  const [match, zone] = TIME.exec(trimmed) ?? []
  if (!match) return text
  const time = new Date(`${trimmed.replace(' ', 'T')}${zone === undefined && trimmed.length > 10 ? 'Z' : ''}`)
  return Number.isNaN(time.getTime()) ? text : time
}

function textToValue(text: string, values: readonly unknown[]): unknown {
  const trimmed = text.trim()
  const found = values.find((value) => value === text) ?? values.find((value) => String(value) === trimmed)
  if (found !== undefined) return found
  const flag = textToBoolean(text)
  return values.includes(flag) ? flag : text
}
