import { readFileSync, statSync } from 'node:fs'

/** A typical year's weather at one place, hour by hour. Hour `i` is the hour that ends `i + 1` hours after the year began. */
export interface Weather {
  readonly location: Location
  /** Weekday of January 1st: 0 is Monday, 6 is Sunday. */
  readonly firstWeekday: number
  readonly month: Uint8Array
  readonly day: Uint8Array
  /** 1 to 24: the hour of the day, named by its end. */
  readonly hour: Uint8Array
  /** °C */
  readonly dryBulb: Float64Array
  /** Pa */
  readonly pressure: Float64Array
  /** Long-wave radiation from the sky on a horizontal surface, W/m2. */
  readonly horizontalInfrared: Float64Array
  /** Wh/m2 in the hour, which is the hour's mean in W/m2. */
  readonly globalHorizontal: Float64Array
  readonly directNormal: Float64Array
  readonly diffuseHorizontal: Float64Array
}

export interface Location {
  readonly city: string
  /** Degrees, north positive. */
  readonly latitude: number
  /** Degrees, east positive. */
  readonly longitude: number
  /** Hours ahead of UTC. */
  readonly timeZone: number
  /** m above sea level. */
  readonly elevation: number
}

export const HOURS = 8760

export class EpwError extends Error {
  override readonly name = 'EpwError'
  readonly file: string
  readonly line: number
  readonly field: string
  constructor(file: string, line: number, field: string, problem: string) {
    super(`${file}, line ${line}, ${field}: ${problem}`)
    this.file = file
    this.line = line
    this.field = field
  }
}

interface Field {
  readonly name: string
  readonly index: number
  readonly min: number
  readonly max: number
}

/**
 * Fields and their limits as in EnergyPlus, Auxiliary Programs, "EnergyPlus Weather File (EPW) Data Dictionary".
 * A missing value (99.9, 9999, 999999) lies outside of its limits.
 */
const month: Field = { name: 'month', index: 1, min: 1, max: 12 }
const day: Field = { name: 'day', index: 2, min: 1, max: 31 }
const hour: Field = { name: 'hour', index: 3, min: 1, max: 24 }
const dryBulb: Field = { name: 'dry bulb temperature', index: 6, min: -70, max: 70 }
const pressure: Field = { name: 'atmospheric pressure', index: 9, min: 31_000, max: 120_000 }
const horizontalInfrared: Field = { name: 'horizontal infrared radiation', index: 12, min: 0, max: 9998 }
const globalHorizontal: Field = { name: 'global horizontal radiation', index: 13, min: 0, max: 9998 }
const directNormal: Field = { name: 'direct normal radiation', index: 14, min: 0, max: 9998 }
const diffuseHorizontal: Field = { name: 'diffuse horizontal radiation', index: 15, min: 0, max: 9998 }

const HEADER_LINES = 8
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

export function parseEpw(text: string, file: string): Weather {
  const lines = text.trimEnd().split(/\r?\n/)
  const location = parseLocation(lines[0] ?? '', file)
  const firstWeekday = parseDataPeriods(lines[HEADER_LINES - 1] ?? '', file)
  const hours = lines.length - HEADER_LINES
  if (hours !== HOURS) {
    throw new EpwError(
      file,
      lines.length,
      'hours',
      `Expected ${HOURS} hours after ${HEADER_LINES} header lines, got ${hours}.`,
    )
  }
  const rows = lines.slice(HEADER_LINES).map((line) => line.split(','))
  const column = (field: Field) =>
    Float64Array.from(rows, (row, i) => toNumber(row[field.index], field, file, HEADER_LINES + 1 + i))
  return {
    location,
    firstWeekday,
    month: Uint8Array.from(column(month)),
    day: Uint8Array.from(column(day)),
    hour: Uint8Array.from(column(hour)),
    dryBulb: column(dryBulb),
    pressure: column(pressure),
    horizontalInfrared: column(horizontalInfrared),
    globalHorizontal: column(globalHorizontal),
    directNormal: column(directNormal),
    diffuseHorizontal: column(diffuseHorizontal),
  }
}

const CACHED_FILES = 4
const cache = new Map<string, Weather>()

/** Reads a file once per process: the same object is returned while the file stays as it was. */
export function readEpw(file: string): Weather {
  const { mtimeMs, size } = statSync(file)
  const key = `${file} ${mtimeMs} ${size}`
  const cached = cache.get(key)
  if (cached) return cached
  const weather = parseEpw(readFileSync(file, 'latin1'), file)
  const oldest = cache.keys().next().value
  if (cache.size >= CACHED_FILES && oldest !== undefined) cache.delete(oldest)
  cache.set(key, weather)
  return weather
}

function parseLocation(line: string, file: string): Location {
  const cells = line.split(',')
  if (cells[0] !== 'LOCATION') throw new EpwError(file, 1, 'LOCATION', 'Expected an EPW file to begin with LOCATION.')
  const number = (name: string, index: number, min: number, max: number) =>
    toNumber(cells[index], { name, index, min, max }, file, 1)
  return {
    city: cells[1] ?? '',
    latitude: number('latitude', 6, -90, 90),
    longitude: number('longitude', 7, -180, 180),
    timeZone: number('time zone', 8, -12, 14),
    elevation: number('elevation', 9, -1000, 9999),
  }
}

/** `DATA PERIODS,<periods>,<records an hour>,<name>,<weekday of the first day>,…` */
function parseDataPeriods(line: string, file: string): number {
  const cells = line.split(',')
  const fail = (field: string, problem: string) => new EpwError(file, HEADER_LINES, field, problem)
  if (cells[0] !== 'DATA PERIODS')
    throw fail('DATA PERIODS', `Expected line ${HEADER_LINES} to begin with DATA PERIODS.`)
  if (Number(cells[2]) !== 1) throw fail('records an hour', `Expected 1, got ${cells[2]}.`)
  const weekday = WEEKDAYS.indexOf((cells[4] ?? '').trim().toLowerCase())
  if (weekday < 0) throw fail('first weekday', `Expected a weekday in English, got ${cells[4]}.`)
  return weekday
}

function toNumber(cell: string | undefined, field: Field, file: string, line: number): number {
  const value = cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell)
  if (value >= field.min && value <= field.max) return value
  throw new EpwError(
    file,
    line,
    field.name,
    `Expected a number from ${field.min} to ${field.max}, got ${cell ?? 'nothing'}.`,
  )
}
