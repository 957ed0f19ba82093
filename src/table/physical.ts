import { JsonText, looseText, looseValue } from './json-text.js'
import type { ColumnType } from './schema.js'
import { isText } from './well-formed.js'

/** The types of columns that are one leaf in Parquet. */
export type FlatType = Exclude<ColumnType, { kind: 'list' | 'struct' }>

type Physical = number | bigint | boolean | string

/**
 * Returns a function that converts a value of a column of this type into the value that Parquet
 * stores (texts remain strings). The function returns `undefined` if the value does not fit.
 */
export function physicalOf(type: FlatType): (value: unknown) => Physical | undefined {
  switch (type.kind) {
    case 'int64':
      return type.bigint ? bigint64 : safeInteger
    case 'double':
      return number
    case 'string':
      return type.mixed ? mixedText : text
    case 'boolean':
      return boolean
    case 'date':
      return days
    case 'timestamp':
      return milliseconds
    case 'json':
      return jsonText
  }
}

/** Describes the values of a type, for error messages. */
export function expectedValue(type: ColumnType): string {
  switch (type.kind) {
    case 'int64':
      return type.bigint ? 'a bigint of 64 bits' : 'a whole number within ±(2^53 - 1)'
    case 'double':
      return 'a number'
    case 'string':
      return type.mixed ? 'a well-formed string, a finite number, true or false' : 'a well-formed string'
    case 'boolean':
      return 'true or false'
    case 'date':
      return "a date as 'YYYY-MM-DD'"
    case 'timestamp':
      return 'a valid Date'
    case 'json':
      return 'a value that JSON can hold'
    case 'list':
      return 'an array'
    case 'struct':
      return 'an object'
  }
}

const DAY = 86_400_000

export function dateFromDays(day: number): string {
  return new Date(day * DAY).toISOString().replace(/T.*/, '')
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

export function safeInteger(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}

export function bigint64(value: unknown): bigint | undefined {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : undefined
}

export function milliseconds(value: unknown): number | undefined {
  const time = value instanceof TheDate ? getTime.call(value) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/**
 * The engine's own `Date` and `getTime`. In a process that runs users' code, others may have
 * replaced them by the time that values are written.
 */
const TheDate = Date
const { getTime } = Date.prototype

/**
 * Returns a copy of a `Date`, to which nobody else has a reference. Returns any other value
 * unchanged.
 */
export function copyDate(value: unknown): unknown {
  return value instanceof TheDate ? new TheDate(getTime.call(value)) : value
}

export function days(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return undefined
  const day = Date.parse(value) / DAY
  // A parser may accept the 30th of February as a day in March.
  return Number.isInteger(day) && dateFromDays(day) === value ? day : undefined
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && isText(value) ? value : undefined
}

/** Converts a text, a number or a boolean of a mixed column into a text that keeps its type. */
function mixedText(value: unknown): string | undefined {
  if (typeof value === 'string') return isText(value) ? looseText(value) : undefined
  return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : undefined
}

/** Converts the text of a mixed column into its value. */
export function mixedValue(value: unknown): string | number | boolean | undefined {
  if (typeof value !== 'string') return Number.isFinite(value) ? (value as number) : boolean(value)
  const meant = looseValue(value)
  return typeof meant === 'string' || typeof meant === 'boolean' || Number.isFinite(meant) ? (meant as string) : value
}

function jsonText(value: unknown): string | undefined {
  if (value instanceof JsonText) return value.text
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

export function boolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}
