import { looseText } from '../table/json-text.js'
import type { Column, ColumnType } from '../table/schema.js'
import { toJson } from './format.js'

/**
 * Returns one line of CSV (RFC 4180), without its line end. A null value is a blank, and the empty
 * text is `""`; lists and objects are JSON. In a column of JSON, or of texts mixed with other
 * values, a text that could be taken for JSON is written as JSON, too: reading returns equal
 * values. A text that a spreadsheet would take for a formula gets a quote before it, which reading
 * removes, unless `raw` is set.
 */
export function csvLine(values: readonly unknown[], columns: readonly Column[] = [], raw = false): string {
  return values.map((value, i) => csvCell(value, columns[i]?.type, raw)).join(',')
}

function csvCell(value: unknown, type: ColumnType | undefined, raw: boolean): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  const plain = textOf(value, type)
  const text = raw || typeof value !== 'string' ? plain : disarm(plain)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function textOf(value: unknown, type: ColumnType | undefined): string {
  if (typeof value === 'object') return toJson(value)
  const isLoose = type?.kind === 'json' || (type?.kind === 'string' && type.mixed)
  if (typeof value === 'string' && isLoose) return looseText(value)
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * Matches texts that spreadsheets take for a formula, also behind quotes that were put before it. A
 * number with a sign is not a formula.
 */
const FORMULA = /^'*[=+\-@\t\r\n]/
const DISARMED = /^'+[=+\-@\t\r\n]/
const NUMBER = /^[+-](?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/**
 * Puts a quote before a text that a spreadsheet would take for a formula, so that it is shown as
 * text. `rearm` removes the quote.
 */
export function disarm(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
}

/** Removes the quote that `disarm` put before a text. */
export function rearm(text: string): string {
  return DISARMED.test(text) ? text.slice(1) : text
}
