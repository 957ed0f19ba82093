import { z } from 'zod'
import { dateOf, type IsoTime, isoForms, isoTime, isoTimeOf } from './iso-time.js'
import type { Schema } from './schema.js'

const NUMBER = /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

export function textToNumber(text: string): unknown {
  const trimmed = text.trim()
  return NUMBER.test(trimmed) ? Number(trimmed) : text
}

/**
 * Returns a function that converts texts into numbers. The first comma or point in the table
 * decides which of them is the decimal mark, because a point may also separate thousands, and
 * nothing else shows its meaning.
 */
export function commaToNumber(): (text: string) => unknown {
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

/**
 * Converts a bigint, because Parquet has one kind of integer. An integer that is not safe as a
 * number stays a bigint, which does not fit.
 */
export function bigintToNumber(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/**
 * Converts a number or a text into a bigint. A number that is not a safe integer has already lost
 * digits, and stays unchanged.
 */
export function toBigint(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? BigInt(value) : value
}

/**
 * Converts a time into a text that the schema accepts: in UTC, without a zone, or as a day if the
 * time is midnight. If no text fits, the time stays a `Date`, which does not fit.
 */
export function dateToText(schema: Schema, date: Date): unknown {
  if (Number.isNaN(date.getTime()) || formatOf(schema) === undefined) return date
  return formThatFits(schema, isoTimeOf(date)) ?? date
}

/** The words for true and false that spreadsheets save in the locales of several countries. */
const TRUE = new Set(['true', '1', 'wahr', 'vrai', 'vero', 'verdadero', 'verdadeiro'])
const FALSE = new Set(['false', '0', 'falsch', 'faux', 'falso'])

export function textToBoolean(text: string): unknown {
  const word = text.trim().toLowerCase()
  return TRUE.has(word) || (FALSE.has(word) ? false : text)
}

export function textToDate(text: string): unknown {
  const found = isoTime(text)
  const date = found && dateOf(found)
  return date && !Number.isNaN(date.getTime()) ? date : text
}

/** Converts a text into another form of the time that the schema accepts. */
export function isoText(schema: Schema, value: unknown): unknown {
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

export function textToValue(text: string, values: readonly unknown[]): unknown {
  const trimmed = text.trim()
  const found = values.find((value) => value === text) ?? values.find((value) => String(value) === trimmed)
  if (found !== undefined) return found
  const flag = textToBoolean(text)
  return values.includes(flag) ? flag : text
}

/** Returns whether a schema accepts a value. */
export function fits(schema: Schema, value: unknown): boolean {
  return z.safeParse(schema, value).success
}
