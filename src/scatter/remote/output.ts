import { z } from 'zod'
import { OutputInvalidError } from '../../execute/errors.js'
import type { JsonSchema } from '../../experiment/io-spec.js'
import { type Definitions, resolveRef, withoutNulls } from '../../experiment/json-schema.js'
import { problemsOf } from '../../experiment/parse.js'
import { formatValue } from '../../experiment/values.js'
import { own } from '../../settings/own.js'
import type { ColumnType } from '../../table/schema.js'

type Row = Readonly<Record<string, unknown>>

/** The output of a spec: its fields, and the addresses of its data frames. */
export interface RemoteOutput {
  readonly fields: Row
  readonly frames: Readonly<Record<string, string>>
}

const framesSchema = z.record(z.string(), z.string())

/**
 * Returns a reader of the output of a task that ran one spec: the fields as JSON, with the
 * addresses of the tables in `dataframes`. The reader throws `OutputInvalidError` if the value is
 * not an output, such as `{}` or null, or if a field does not fit.
 */
export function outputReader(ioSpec: JsonSchema): (output: unknown) => RemoteOutput {
  const definitions = mapValues((ioSpec.$defs ?? {}) as Definitions, asSent)
  const schema = resolveRef((ioSpec.properties?.output ?? {}) as JsonSchema, definitions)
  const validator = validatorOf(schema, definitions)
  return (output) => {
    if (!isRow(output) || !('dataframes' in output)) {
      throw new OutputInvalidError(`Expected the task to give its fields and dataframes, got ${formatValue(output)}.`)
    }
    const { dataframes, ...given } = output
    const frames = framesSchema.safeParse(dataframes)
    if (!frames.success)
      throw new OutputInvalidError(`Expected dataframes to be addresses, got ${formatValue(dataframes)}.`)
    const fields = withoutNulls(given, schema, definitions) as Row
    const { error } = z.safeParse(validator, fields)
    if (error) {
      const [problem] = problemsOf(error, fields)
      const { field, value, message } = problem!
      throw new OutputInvalidError(
        `The output does not fit: ${field === '' ? '' : `${field}: `}${message}${value === undefined ? '' : ` (got ${formatValue(value)})`}.`,
      )
    }
    return { fields, frames: frames.data }
  }
}

function validatorOf(schema: JsonSchema, definitions: Definitions): z.ZodType {
  try {
    return z.fromJSONSchema({ ...schema, $defs: definitions }, { registry: z.registry<never>() })
  } catch {
    // The schema requires more than zod can check; the columns check the types.
    return z.looseObject({})
  }
}

/**
 * Returns a schema for values that arrive as JSON from another language. Drops formats and
 * patterns, which are left to the writer of the values: languages differ in them, as in times
 * without a zone. Allows null for a number, because JSON has no NaN.
 */
function asSent(schema: JsonSchema): JsonSchema {
  const { format: _format, pattern: _pattern, default: _default, oneOf, ...kept } = schema
  const sent: JsonSchema = { ...kept }
  if (kept.properties) sent.properties = mapValues(kept.properties as Definitions, asSent)
  for (const key of ['items', 'additionalProperties'] as const) {
    const part = kept[key]
    if (typeof part === 'object' && !Array.isArray(part)) sent[key] = asSent(part)
  }
  const anyOf = (kept.anyOf ?? oneOf) as JsonSchema[] | undefined
  if (anyOf) sent.anyOf = anyOf.map(asSent)
  if (kept.allOf) sent.allOf = (kept.allOf as JsonSchema[]).map(asSent)
  if (kept.prefixItems) sent.prefixItems = (kept.prefixItems as JsonSchema[]).map(asSent)
  return kept.type === 'number' ? { anyOf: [sent, { type: 'null' }] } : sent
}

function mapValues<T, R>(values: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]))
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const ZONE = /(?:[zZ]|[+-]\d\d:?\d\d)$/

/**
 * Returns a JSON value as a column of this type takes it. A value that does not fit stays as it is,
 * so that the column can refuse it by name.
 */
export function columnValue(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'timestamp': {
      // Times without a zone are UTC, so that a table means the same everywhere.
      const time = new Date(
        typeof value === 'string' && /[T ]/.test(value) && !ZONE.test(value) ? `${value}Z` : String(value),
      )
      return Number.isNaN(time.getTime()) ? value : time
    }
    case 'int64':
      if (type.bigint) return isInteger(value) ? BigInt(value as string) : value
      return value
    case 'list':
      return Array.isArray(value) ? value.map((item) => columnValue(type.item, item)) : value
    case 'struct': {
      if (!isRow(value)) return value
      return Object.fromEntries(type.fields.map(({ name, type }) => [name, columnValue(type, own(value, name))]))
    }
    default:
      return value
  }
}

/**
 * Returns whether a value is an integer. A number that is not a safe integer has lost digits
 * already.
 */
function isInteger(value: unknown): boolean {
  return typeof value === 'string' ? /^[+-]?\d+$/.test(value) : Number.isSafeInteger(value)
}
