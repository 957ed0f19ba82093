/** A time as text: in ISO 8601, or as pandas, DuckDB, R and spreadsheets write it: with a space for the T, or as 31.1.2026 7:05. */
export interface IsoTime {
  readonly day: string
  /** Absent if there is a day alone. */
  readonly time?: string | undefined
  /** `Z`, or `+hh:mm`. Absent if the text names none. */
  readonly zone?: string | undefined
}

const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:(Z)|([+-]\d\d):?(\d\d)?)?)?$/
/** A day with dots is in this order wherever it is written so. */
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

/** Returns a valid time in UTC as a table without zones has it. */
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

/** Times without a zone are UTC, so that a table means the same everywhere. Invalid if there is no such time. */
export function dateOf({ day, time, zone = 'Z' }: IsoTime): Date {
  const date = new Date(time === undefined ? day : `${day}T${time}${zone}`)
  return isDay(day) ? date : new Date(Number.NaN)
}

/** Whether a month has that day: `Date` takes 2026-02-30 for March 2. */
function isDay(day: string): boolean {
  return new Date(day).getUTCDate() === Number(day.slice(-2))
}

/**
 * The texts that say the same, in ISO 8601: in UTC, to the millisecond as Parquet's times come, unless digits or a zone would be lost; as
 * it was written; without a zone if none was named; as a day, if it is midnight.
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
