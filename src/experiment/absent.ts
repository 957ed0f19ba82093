import type { Column } from '../table/schema.js'
import type { Nullish } from './nullish.js'
import { isPlain } from './own-fields.js'

/**
 * The column of `specs.pq` that distinguishes a missing field from null. It holds the names of the
 * fields that a spec did not have, as a JSON array, or null if there are none. An object in the
 * array lists the missing fields within a field: `["a", {"wall": ["b"]}]`. For a list, the column
 * holds the fields that every item lacks, `{"each": ["b"]}`, or an entry for each item, `{"items":
 * [null, ["b"]]}`. The column exists only if the input has fields that may be missing and may be
 * null.
 */
export const ABSENT_FIELDS: Column = { name: 'absent_fields', type: { kind: 'string' } }

/** The parts of a value that were missing. */
export interface Absence {
  /** The missing fields of an object. */
  readonly names: ReadonlySet<string>
  /** The missing parts within the fields of an object. */
  readonly within: ReadonlyMap<string, Absence>
  /** The missing parts of every item, if the value is a list whose items agree. */
  readonly each?: Absence | undefined
  /** The missing parts of each item, in order, if the value is a list whose items differ. */
  readonly items?: readonly Absence[]
}

/** Returns the text of the column for a spec. */
export function absentText(nullish: Nullish | undefined, spec: Readonly<Record<string, unknown>>): string | null {
  return (nullish && textOf(nullish, spec)) ?? null
}

function textOf({ names, within, items }: Nullish, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (items) return listText((value as readonly unknown[]).map((item) => textOf(items, item)))
  const object = value as Readonly<Record<string, unknown>>
  const absent = names.filter((name) => object[name] === undefined).map((name) => JSON.stringify(name))
  for (const [name, part] of within) {
    const text = textOf(part, object[name])
    if (text !== undefined) absent.push(`{${JSON.stringify(name)}:${text}}`)
  }
  return absent.length > 0 ? `[${absent.join()}]` : undefined
}

function listText(texts: readonly (string | undefined)[]): string | undefined {
  const [first] = texts
  if (texts.some((text) => text !== first)) return `{"items":[${texts.map((text) => text ?? 'null').join()}]}`
  return first && `{"each":${first}}`
}

const NONE: Absence = { names: new Set(), within: new Map() }

/**
 * Returns a function that reads the column. It remembers the last text, because most rows of a
 * table have equal texts.
 */
export function absentReader(): (text: unknown) => Absence {
  let last: unknown
  let absence = NONE
  return (text) => {
    if (typeof text !== 'string') return NONE
    if (text !== last) absence = read(text)
    last = text
    return absence
  }
}

/**
 * Reads a text of the column. If the text is not valid, nothing counts as missing, because other
 * programs may have written the table.
 */
function read(text: string): Absence {
  try {
    return absenceOf(JSON.parse(text))
  } catch {
    return NONE
  }
}

function absenceOf(value: unknown): Absence {
  if (typeof value !== 'object' || value === null) return NONE
  if (!Array.isArray(value)) {
    const { each, items } = value as { readonly each?: unknown; readonly items?: unknown }
    return {
      ...NONE,
      each: each === undefined ? undefined : absenceOf(each),
      ...(Array.isArray(items) && { items: items.map(absenceOf) }),
    }
  }
  const parts = value.flatMap((part) => (typeof part === 'object' && part !== null ? Object.entries(part) : []))
  return {
    names: new Set(value.filter((name) => typeof name === 'string')),
    within: new Map(parts.map(([name, part]) => [name, absenceOf(part)])),
  }
}

/** Returns a value without the nulls, in its objects and lists, that stand for missing fields. */
export function withoutAbsent(value: unknown, absence: Absence | undefined): unknown {
  if (!absence || typeof value !== 'object' || value === null) return value
  const { names, within, each, items } = absence
  if (Array.isArray(value))
    return each || items ? value.map((item, i) => withoutAbsent(item, each ?? items?.[i])) : value
  if (!isPlain(value)) return value
  const kept: Record<string, unknown> = { ...value }
  for (const name of names) if (kept[name] === null) delete kept[name]
  for (const [name, part] of within) if (Object.hasOwn(kept, name)) kept[name] = withoutAbsent(kept[name], part)
  return kept
}
