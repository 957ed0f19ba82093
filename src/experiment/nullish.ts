import type { z } from 'zod'
import type { Column, ColumnType } from '../table/schema.js'
import { kindWithin, type Schema, takesNull } from './schema.js'

/**
 * The fields of a value that may be absent and may also be null, as `.nullish()` makes them.
 * Columns can distinguish these cases only in JSON; in other columns, both are null.
 */
export interface Nullish {
  /** The fields of an object that may be absent or null. */
  readonly names: readonly string[]
  /** The fields of an object that contain such fields. */
  readonly within: readonly (readonly [name: string, part: Nullish])[]
  /** The fields of each item, if the value is a list. */
  readonly items?: Nullish
}

/**
 * Returns the fields of an object, and of the objects and lists within it, that may be absent or
 * null. Returns `undefined` if there are none.
 */
export function nullishFields(object: z.core.$ZodObject, columns: readonly Column[]): Nullish | undefined {
  const names: string[] = []
  const within: (readonly [string, Nullish])[] = []
  for (const { name, type } of columns) {
    const field = object._zod.def.shape[name] as Schema
    if (field._zod.optout === 'optional' && takesNull(field)) names.push(name)
    const part = nullishWithin(field, type)
    if (part) within.push([name, part])
  }
  return names.length + within.length > 0 ? { names, within } : undefined
}

function nullishWithin(schema: Schema, type: ColumnType): Nullish | undefined {
  if (type.kind === 'struct') return nullishFields(kindWithin(schema, 'object'), type.fields)
  if (type.kind !== 'list') return undefined
  const items = nullishWithin(kindWithin(schema, 'array')._zod.def.element as Schema, type.item)
  return items && { names: [], within: [], items }
}
