import type { Column } from '../table/schema.js'
import type { Nullish } from './nullish.js'
import { isPlain } from './own-fields.js'

/**
 * The column of `specs.pq` that tells "nothing there" from null: the names of fields that a spec did not have, as a JSON array; null if
 * there are none. An object in it has the same of a field's own fields: `["a", {"wall": ["b"]}]`. Of a list it says what each item did
 * not have, `{"each": ["b"]}`, or one item after the other, `{"items": [null, ["b"]]}`. Only inputs with fields that may be either have it.
 */
export const ABSENT_FIELDS: Column = { name: 'absent_fields', type: { kind: 'string' } }

/** What was not there of a value. */
export interface Absence {
  /** Fields of an object. */
  readonly names: ReadonlySet<string>
  /** The same of what is in its fields. */
  readonly within: ReadonlyMap<string, Absence>
  /** Of a list: the same of every item. */
  readonly each?: Absence | undefined
  /** Of a list: the same of one item after the other. */
  readonly items?: readonly Absence[]
}

/** Returns what the column says of a spec. */
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

/** Reads what the column says: most rows of a table say the same. */
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

/** The column of a table that others wrote may say anything. */
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

/** Returns a value without the nulls, within its objects and lists, that stand for what was not there. */
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
