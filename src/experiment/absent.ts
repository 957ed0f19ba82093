import type { z } from 'zod'
import type { Column } from '../table/schema.js'
import { takesNull } from './schema.js'

/**
 * The column of `specs.pq` that tells "nothing there" from null: the names of fields that a spec did not have, as a JSON array; null if
 * there are none. Only inputs with fields that may be either, as `.nullish()` makes them, have it.
 */
export const ABSENT_FIELDS: Column = { name: 'absent_fields', type: { kind: 'string' } }

/** The fields that may be absent and may be null, too. */
export function nullishFields(object: z.core.$ZodObject): string[] {
  const shape = Object.entries(object._zod.def.shape)
  return shape
    .filter(([, field]) => field._zod.optout === 'optional' && takesNull(field as never))
    .map(([name]) => name)
}

/** What the column says of a spec. */
export function absentText(nullish: readonly string[], spec: Readonly<Record<string, unknown>>): string | null {
  const absent = nullish.filter((name) => spec[name] === undefined)
  return absent.length > 0 ? JSON.stringify(absent) : null
}

const NONE: ReadonlySet<string> = new Set()

/** Reads what the column says: most rows of a table say the same. */
export function absentReader(): (text: unknown) => ReadonlySet<string> {
  let last: unknown
  let names = NONE
  return (text) => {
    if (typeof text !== 'string') return NONE
    if (text !== last) names = namesIn(text)
    last = text
    return names
  }
}

function namesIn(text: string): ReadonlySet<string> {
  try {
    const names: unknown = JSON.parse(text)
    return Array.isArray(names) ? new Set(names) : NONE
  } catch {
    return NONE
  }
}
