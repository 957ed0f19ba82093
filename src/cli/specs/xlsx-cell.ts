import type { CellObject } from '@e965/xlsx'
import { ISO_TIME } from './workbook.js'

/** The reason why a cell cannot be read, and a way to repair it. */
export interface CellProblem {
  readonly problem: string
}

export interface CellOptions {
  /** Whether days are counted from 1904. */
  readonly date1904: boolean
  /** Returns whether a number format shows a time. */
  isDate(format: string): boolean
}

const ERRORS: Readonly<Record<number, string>> = {
  0: '#NULL!',
  7: '#DIV/0!',
  15: '#VALUE!',
  23: '#REF!',
  29: '#NAME?',
  36: '#NUM!',
  42: '#N/A',
  43: '#GETTING_DATA',
}

/**
 * Returns a cell's value: null, a boolean, a number, a text, or a time. The value of a formula is
 * its result when the workbook was saved.
 */
export function cellValue(cell: CellObject, options: CellOptions): unknown | CellProblem {
  const { t: type, v: value, f: formula, z: format } = cell
  if (type === 'e') {
    const shown = ERRORS[value as number] ?? 'an error (as #SPILL!)'
    return { problem: `is ${shown}. Mend it, or leave the cell empty.` }
  }
  if (type === 'z' || value === undefined) {
    if (formula === undefined) return null
    return { problem: 'has a formula and no value. Open the file in a spreadsheet, which calculates it, and save it.' }
  }
  if (formula === ISO_TIME) return isoTime(String(value))
  // Formulas have no other way to return "nothing".
  if (value === '' && formula !== undefined) return null
  if (typeof value !== 'number') return value
  if (!Number.isFinite(value)) return { problem: 'is a number that cannot be read.' }
  return typeof format === 'string' && options.isDate(format) ? timeOf(value, format, options.date1904) : value
}

export function isProblem(value: unknown): value is CellProblem {
  return typeof value === 'object' && value !== null && 'problem' in value
}

const DAY_MS = 86_400_000
const FROM_1904 = Date.UTC(1904, 0, 1)
/** Excel counts a 29 February 1900 as day 60, although that day never existed. */
const BEFORE_60 = Date.UTC(1899, 11, 31)
const AFTER_60 = Date.UTC(1899, 11, 30)
const LAST = Date.UTC(9999, 11, 31) + DAY_MS

/**
 * Converts Excel's time, which is a number of days. Returns a text if the format shows only hours.
 */
function timeOf(days: number, format: string, date1904: boolean): Date | string | CellProblem {
  const ms = Math.round(days * DAY_MS)
  // The format without texts, colours, conditions and languages.
  const bare = format.replace(/"[^"]*"|\\.|_.|\*./g, '').replace(/\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi, '')
  if (/\[(?:h+|m+|s+)\]/i.test(bare)) return clock(ms)
  if (ms >= 0 && ms < DAY_MS && /[hs]/i.test(bare) && !/[dy]/i.test(bare)) return clock(ms)
  const start = date1904 ? FROM_1904 : days < 60 ? BEFORE_60 : AFTER_60
  const isThere = ms >= (date1904 ? 0 : DAY_MS) && (date1904 || days < 60 || days >= 61) && start + ms < LAST
  return isThere
    ? new Date(start + ms)
    : { problem: `is the day ${days}, which does not exist. Correct it, or make it a number.` }
}

/**
 * Parses a time in ISO 8601. A time without a zone is read as UTC, so that it equals the time that
 * the sheet shows.
 */
function isoTime(text: string): Date | string | CellProblem {
  // A time of day, or a duration, stays a text.
  if (!/^\d+-/.test(text)) return text
  const time = new Date(/T[^Z+-]*$/.test(text) ? `${text}Z` : text)
  return Number.isNaN(time.getTime()) ? { problem: `is the time ${text}, which does not exist. Correct it.` } : time
}

function clock(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const whole = Math.abs(ms)
  const rest = whole % 1000
  const text = `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1000) % 60)}`
  return `${ms < 0 ? '-' : ''}${text}${rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`}`
}
