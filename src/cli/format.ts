import { relative } from 'node:path'
import { printable } from '../settings/printable.js'
import { pathOfUri } from '../store/address.js'

/** Formats a number: `1234567` as `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/**
 * Formats a number with its noun: `formatPlural(1, 'spec')` is `1 spec`, `formatPlural(2, 'spec')`
 * is `2 specs`.
 */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Formats a duration: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** Formats a number of specs per second: `0.25`, `8.1`, `1,234`. */
export function formatRate(rate: number): string {
  if (rate >= 10) return formatCount(Math.round(rate))
  return rate >= 1 ? rate.toFixed(1) : rate.toFixed(2)
}

/** Formats an address: a local file as the path from the working folder, if that is shorter. */
export function formatAddress(uri: string): string {
  const path = pathOfUri(uri)
  if (path === undefined) return uri
  const fromHere = relative(process.cwd(), path) || '.'
  return fromHere.length < path.length ? fromHere : path
}

/** Formats a value for one cell of a table: numbers with few digits, long texts cut. */
export function formatCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return formatNumber(value)
  if (value instanceof Date) return value.toISOString()
  const text = typeof value === 'object' ? toJson(value) : String(value)
  // Secrets are hidden before the text is cut: the part that is cut off may identify a secret.
  return shorten(printable(text.replace(/\s+/g, ' ')))
}

/** Formats a number with five significant digits, or a whole number in full. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value)
  return String(Number(value.toPrecision(5)))
}

const LONGEST_CELL = 28

/** Shortens a text. The end of an address is more telling than its beginning. */
function shorten(text: string): string {
  if (text.length <= LONGEST_CELL) return text
  return /^[a-z0-9]+:\/\//i.test(text) ? `…${text.slice(1 - LONGEST_CELL)}` : `${text.slice(0, LONGEST_CELL - 1)}…`
}

/**
 * Returns the JSON of any value that a table holds. Integers beyond the safe range of a number are
 * texts.
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? fromBigint(part) : part), indent)
}

function fromBigint(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}
