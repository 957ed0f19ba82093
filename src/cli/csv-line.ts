import { looseText } from '../table/json-text.js'
import type { Column, ColumnType } from '../table/schema.js'
import { toJson } from './format.js'
import { disarm } from './formulas.js'

/**
 * One line of CSV (RFC 4180), without its end. No value is a blank, the empty text is `""`; lists and objects are JSON. In a column of
 * JSON, or of texts and others mixed, a text that could be taken for JSON is JSON, too: reading gives the same values. A text that a
 * spreadsheet would take for a formula gets a quote before it, which reading takes away, unless `raw` is set.
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
