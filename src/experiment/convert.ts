import { own } from '../settings/own.js'
import { looseValue } from '../table/json-text.js'
import type { ColumnType } from '../table/schema.js'
import { ABSENT_FIELDS, absentReader, withoutAbsent } from './absent.js'
import {
  bigintToNumber,
  commaToNumber,
  dateToText,
  fits,
  isoText,
  textToBoolean,
  textToDate,
  textToNumber,
  textToValue,
  toBigint,
} from './convert-scalar.js'
import type { Experiment } from './experiment.js'
import { type ExtraValue, extraReader, isNameInDigits, setExtra } from './extra.js'
import { Fields } from './own-fields.js'
import { type Schema, takesNull, unwrap } from './schema.js'
import { experimentTables } from './tables.js'

export type Row = Record<string, unknown>

/**
 * How a file format represents values. `text`: every value is a text, whatever it means (CSV).
 * `data`: a value is a text only if the format has no type for it (JSON, Parquet).
 */
export type Encoding = 'text' | 'data'

/**
 * How a column is treated that the input does not name. `refuse`: it is a problem of each row.
 * `ignore`: it is left out. `keep`: it is kept beside the spec.
 */
export type Extra = 'refuse' | 'ignore' | 'keep'

export interface ConvertOptions {
  /** How columns are treated that the input does not name. Default: `refuse`. */
  readonly extra?: Extra | undefined
  /**
   * Whether numbers may have a decimal comma. All numbers of a table must have a comma, or all a
   * point. Default: false.
   */
  readonly decimalComma?: boolean | undefined
}

/**
 * Converts a value of a file into a value that the schema accepts. A value that does not fit stays
 * unchanged, so that validation can name it.
 */
type Convert = (value: unknown) => unknown

/**
 * Returns a function that converts the rows of a file, or JSON from another source, into specs.
 * Their values have the types that the input schema accepts. A null is left out if its field may be
 * absent but not null. Columns that Scythe itself stores beside the specs are dropped, because the
 * tables `specs.pq` and `errors.pq` of a run can be read as specs.
 */
export function rowConverter(
  experiment: Experiment,
  encoding: Encoding,
  { extra = 'refuse', decimalComma = false }: ConvertOptions = {},
): (row: Row) => Row {
  const toNumber = decimalComma ? commaToNumber() : textToNumber
  const shape = experiment.input.shape as Record<string, Schema>
  const { specs, results, nullishFields } = experimentTables(experiment)
  const besides = [ABSENT_FIELDS, ...specs.columns, ...results.errors!.columns].map(({ name }) => name)
  const dropped = new Set([...besides, PANDAS_INDEX].filter((name) => !Object.hasOwn(shape, name)))
  const fields = new Map(
    specs.columns.flatMap(({ name, type }) => {
      const schema = own(shape, name)
      if (!schema) return []
      const known: Known = { text: new Map(), data: new Map(), toNumber }
      const isMissing = (value: unknown) => value === null || (encoding === 'text' && value === 'NA' && isBare(type))
      return [[name, { convert: cellConverter(schema, type, encoding, known), isMissing, omitNull: omitsNull(schema) }]]
    }),
  )
  const absentIn = absentReader()
  const toExtra = extraReader(encoding === 'text' ? toNumber : undefined)
  return (row) => {
    const spec = new Fields()
    const absent = nullishFields && absentIn(own(row, ABSENT_FIELDS.name))
    let beside: Record<string, ExtraValue | null> | undefined
    for (const name of Object.keys(row)) {
      if (dropped.has(name)) continue
      const value = row[name] ?? null
      const field = fields.get(name)
      if (!field) {
        if (extra === 'refuse' || Object.hasOwn(shape, name)) spec[name] = value
        else if (extra === 'keep') {
          beside ??= Object.create(null) as Record<string, ExtraValue | null>
          beside[name] = toExtra(value)
        }
      } else if (!field.isMissing(value)) spec[name] = field.convert(withoutAbsent(value, absent?.within.get(name)))
      else if (!field.omitNull && !absent?.names.has(name)) spec[name] = null
    }
    if (beside) setExtra(spec, beside)
    return spec
  }
}

/** Returns whether null means that a field is missing: the field may be absent, but not null. */
function omitsNull(schema: Schema): boolean {
  return !takesNull(schema) && schema._zod.optin !== undefined
}

/**
 * Returns a function that converts the values of a column in a file. A text in a JSON column or a
 * mixed column may be JSON: if the value that it represents fits, that value is used.
 */
function cellConverter(schema: Schema, type: ColumnType, encoding: Encoding, known: Known): Convert {
  const convert = converter(schema, encoding, known)
  const isMixed = type.kind === 'string' && type.mixed
  if (!isMixed && type.kind !== 'json') return convert
  const ofMeant = converter(schema, 'data', known)
  return (value) => {
    if (typeof value !== 'string') return convert(value)
    if (encoding === 'data' && fits(schema, value)) return value
    if (isNameInDigits(value) && fits(schema, value)) return value
    const meant = looseValue(value)
    if (meant === value) return convert(value)
    if (typeof meant === 'string' && fits(schema, meant)) return meant
    const converted = ofMeant(meant)
    return fits(schema, converted) ? converted : convert(value)
  }
}

/**
 * Returns whether a column holds no texts. In such a column, R's mark for missing values, `NA`,
 * means that there is no value.
 */
function isBare({ kind }: ColumnType): boolean {
  return kind !== 'string' && kind !== 'json'
}

/** pandas' name for the index of a table whose rows were filtered or sorted. */
const PANDAS_INDEX = '__index_level_0__'

const asIs: Convert = (value) => value

interface Known extends Readonly<Record<Encoding, Map<Schema, Convert>>> {
  readonly toNumber: (text: string) => unknown
}

function converter(schema: Schema, encoding: Encoding, known: Known): Convert {
  const there = known[encoding].get(schema)
  if (there) return there
  // A schema may contain itself.
  known[encoding].set(schema, (value) => convert(value))
  const convert = makeConverter(schema, encoding, known)
  known[encoding].set(schema, convert)
  return convert
}

function makeConverter(schema: Schema, encoding: Encoding, known: Known): Convert {
  const { def } = schema._zod
  switch (def.type) {
    case 'number':
      return encoding === 'text' ? ofText(known.toNumber) : bigintToNumber
    case 'nan':
      return ofText((text) => (/^nan$/i.test(text.trim()) ? Number.NaN : text))
    case 'bigint':
      return toBigint
    case 'string':
      return (value) => (value instanceof Date ? dateToText(schema, value) : isoText(schema, value))
    case 'boolean':
      return encoding === 'text' ? ofText(textToBoolean) : asIs
    case 'date':
      return ofText(textToDate)
    case 'enum':
    case 'literal':
      return encoding === 'text' ? ofText((text) => textToValue(text, [...(schema._zod.values ?? [])])) : asIs
    case 'array': {
      const item = converter(def.element as Schema, 'data', known)
      const absent = omitsNull(def.element as Schema)
      const convert = (value: unknown) => (value === null && absent ? undefined : item(value))
      return ofJson((value) => (Array.isArray(value) ? value.map(convert) : value))
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

/**
 * Returns the schema within a wrapper. For a pipe, returns its input, or its output if the input is
 * a function, which does not declare what it accepts.
 */
function taken(schema: Schema): Schema | undefined {
  const { def } = schema._zod
  if (def.type !== 'pipe') return unwrap(schema)
  const source = def.in as Schema
  return source._zod.def.type === 'transform' ? (def.out as Schema) : source
}

function objectConverter(shape: Record<string, Schema>, known: Known): Convert {
  const fields = Object.entries(shape).map(([name, schema]) => {
    return { name, convert: converter(schema, 'data', known), omitNull: omitsNull(schema) }
  })
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const object: Row = { ...value }
    for (const { name, convert, omitNull } of fields) {
      if (!Object.hasOwn(object, name)) continue
      if (omitNull && object[name] === null) delete object[name]
      else object[name] = convert(object[name])
    }
    return object
  }
}

function firstThatFits(options: readonly Schema[], encoding: Encoding, known: Known): Convert {
  const sides = options.map((schema) => ({ schema, convert: converter(schema, encoding, known) }))
  return (value) => {
    for (const { schema, convert } of sides) {
      const converted = convert(value)
      if (fits(schema, converted)) return converted
    }
    return value
  }
}

function ofText(convert: (text: string) => unknown): Convert {
  return (value) => (typeof value === 'string' ? convert(value) : value)
}

/** Parses lists and objects from JSON text if the format has only texts. */
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
