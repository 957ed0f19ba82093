import { z } from 'zod'
import { own } from '../settings/own.js'
import { looseValue } from '../table/json-text.js'
import type { ColumnType } from '../table/schema.js'
import { ABSENT_FIELDS, absentReader, withoutAbsent } from './absent.js'
import type { Experiment } from './experiment.js'
import { type ExtraValue, extraReader, isNameInDigits, setExtra } from './extra.js'
import { dateOf, type IsoTime, isoForms, isoTime, isoTimeOf } from './iso-time.js'
import { Fields } from './own-fields.js'
import { type Schema, takesNull, unwrap } from './schema.js'
import { experimentTables } from './tables.js'

export type Row = Record<string, unknown>

/** `text`: a value is text, whatever it means (CSV). `data`: only what the format has no type for is text (JSON, Parquet). */
export type Encoding = 'text' | 'data'

/** What becomes of a column that the input does not name: it is a problem of each row, it is left out, or it goes beside the spec. */
export type Extra = 'refuse' | 'ignore' | 'keep'

export interface ConvertOptions {
  /** Default: `refuse`. */
  readonly extra?: Extra | undefined
  /** Whether numbers may be written with a decimal comma. Those of one table all have a comma, or all a point. */
  readonly decimalComma?: boolean | undefined
}

/** A file's value as the schema takes it. What does not fit stays as it is, so that validation can name it. */
type Convert = (value: unknown) => unknown

/**
 * Turns the rows of a file, or JSON from elsewhere, into specs: values in the types that the input schema takes, no value (null) left out where a field
 * may be absent but not null. Columns that Scythe itself puts beside the specs are dropped: a run's `specs.pq` and
 * `errors.pq` are tables of specs.
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

/** Whether null stands for "not there": the field may be absent, but not null. */
function omitsNull(schema: Schema): boolean {
  return !takesNull(schema) && schema._zod.optin !== undefined
}

/** A column's values in a file. A text of a JSON column, or of a mixed one, may be JSON: it is what that says, if it fits. */
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

/** Whether a column holds no text, so that R's mark of what is missing is none. */
function isBare({ kind }: ColumnType): boolean {
  return kind !== 'string' && kind !== 'json'
}

function fits(schema: Schema, value: unknown): boolean {
  return z.safeParse(schema, value).success
}

/** What pandas calls the index of a table whose rows were filtered or sorted. */
const PANDAS_INDEX = '__index_level_0__'

const asIs: Convert = (value) => value

interface Known extends Readonly<Record<Encoding, Map<Schema, Convert>>> {
  readonly toNumber: (text: string) => unknown
}

function converter(schema: Schema, encoding: Encoding, known: Known): Convert {
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

/** The schema within a wrapper: of a pipe, what goes in, unless that is a function, which says nothing of what it takes. */
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

const NUMBER = /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

function textToNumber(text: string): unknown {
  const trimmed = text.trim()
  return NUMBER.test(trimmed) ? Number(trimmed) : text
}

/** With a comma or a point, whichever came first: a point may also divide thousands, and nothing else tells. */
function commaToNumber(): (text: string) => unknown {
  let mark: string | undefined
  return (text) => {
    const trimmed = text.trim()
    const found = /[.,]/.exec(trimmed)?.[0]
    if (found === undefined) return textToNumber(text)
    const number = trimmed.replace(found, '.')
    if (!NUMBER.test(number)) return text
    mark ??= found
    return found === mark ? Number(number) : text
  }
}

/** Parquet has one kind of integer. One that a number cannot hold stays what it is, and does not fit. */
function bigintToNumber(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** A number that is not a safe integer has lost digits already. */
function toBigint(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? BigInt(value) : value
}

/** A time as a schema of texts takes it: in UTC, or without a zone; a day, if it is midnight. Else it stays what it is, and does not fit. */
function dateToText(schema: Schema, date: Date): unknown {
  if (Number.isNaN(date.getTime()) || formatOf(schema) === undefined) return date
  return formThatFits(schema, isoTimeOf(date)) ?? date
}

/** As spreadsheets save them with the settings of a country. */
const TRUE = new Set(['true', '1', 'wahr', 'vrai', 'vero', 'verdadero', 'verdadeiro'])
const FALSE = new Set(['false', '0', 'falsch', 'faux', 'falso'])

function textToBoolean(text: string): unknown {
  const word = text.trim().toLowerCase()
  return TRUE.has(word) || (FALSE.has(word) ? false : text)
}

function textToDate(text: string): unknown {
  const found = isoTime(text)
  const date = found && dateOf(found)
  return date && !Number.isNaN(date.getTime()) ? date : text
}

/** A text for a schema of times that wants it in another form. */
function isoText(schema: Schema, value: unknown): unknown {
  const format = formatOf(schema)
  if (typeof value !== 'string' || (format !== 'datetime' && format !== 'date') || fits(schema, value)) return value
  const time = isoTime(value)
  return (time && formThatFits(schema, time)) ?? value
}

function formatOf({ _zod }: Schema): string | undefined {
  return (_zod.def as { format?: string }).format
}

function formThatFits(schema: Schema, time: IsoTime): string | undefined {
  return isoForms(time).find((form) => fits(schema, form))
}

function textToValue(text: string, values: readonly unknown[]): unknown {
  const trimmed = text.trim()
  const found = values.find((value) => value === text) ?? values.find((value) => String(value) === trimmed)
  if (found !== undefined) return found
  const flag = textToBoolean(text)
  return values.includes(flag) ? flag : text
}
