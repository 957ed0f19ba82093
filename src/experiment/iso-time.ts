/**
 * A time as text, in ISO 8601, or in the form of pandas, DuckDB, R and spreadsheets: with a space
 * for the T, or as 31.1.2026 7:05.
 */
export interface IsoTime {
  readonly day: string
  /** The time of day. Absent if the text is only a day. */
  readonly time?: string | undefined
  /** The zone, as `Z` or `+hh:mm`. Absent if the text has no zone. */
  readonly zone?: string | undefined
}

const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:(Z)|([+-]\d\d):?(\d\d)?)?)?$/
/** A date with dots. Wherever such dates are used, the day comes first and the year last. */
const DOTTED = /^(\d\d?)\.(\d\d?)\.(\d{4})(?= |$)(?: (\d:))?/
const MIDNIGHT = /^00:00(:00(\.0+)?)?$/
const UTC = /^(Z|[+-]00:00)$/
/** Digits of a second that a `Date` does not keep. */
const BEYOND_MILLISECONDS = /\.\d{3}\d*[1-9]/

export function isoTime(text: string): IsoTime | undefined {
  const [match, day, time, utc, hours, minutes = '00'] = TIME.exec(fromDotted(text.trim())) ?? []
  if (match === undefined) return undefined
  return { day: day!, time, zone: utc ?? (hours && `${hours}:${minutes}`) }
}

/** Returns a valid time in UTC, in the form of a table without zones. */
export function isoTimeOf(date: Date): IsoTime {
  const [day, time] = date.toISOString().slice(0, -1).split('T')
  return { day: day!, time }
}

function fromDotted(text: string): string {
  return text.replace(DOTTED, (_, day: string, month: string, year: string, hour?: string) => {
    const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
    return hour === undefined ? iso : `${iso} 0${hour}`
  })
}

/**
 * Returns the `Date` of a time. A time without a zone is in UTC, so that a table means one instant
 * on every machine. The `Date` is invalid if the time does not exist.
 */
export function dateOf({ day, time, zone = 'Z' }: IsoTime): Date {
  const date = new Date(time === undefined ? day : `${day}T${time}${zone}`)
  return isDay(day) ? date : new Date(Number.NaN)
}

/** Returns whether a month has the given day. `Date` accepts 2026-02-30 as March 2. */
function isDay(day: string): boolean {
  return new Date(day).getUTCDate() === Number(day.slice(-2))
}

/**
 * Returns the texts in ISO 8601 that represent a time: in UTC with milliseconds, as times from
 * Parquet are written, unless digits or a zone would be lost; as it was written; without a zone if
 * it had none; and as a day if it is midnight without a zone.
 */
export function isoForms(given: IsoTime): string[] {
  const { day, time = '00:00:00', zone } = given
  const isUtc = zone === undefined || UTC.test(zone)
  const written = [`${day}T${time}${isUtc ? 'Z' : zone}`]
  if (zone === undefined) written.push(`${day}T${time}`)
  if (zone === undefined && MIDNIGHT.test(time)) written.push(day)
  const date = dateOf(given)
  if (Number.isNaN(date.getTime()) || BEYOND_MILLISECONDS.test(time)) return written
  return isUtc ? [date.toISOString(), ...written] : [...written, date.toISOString()]
}
