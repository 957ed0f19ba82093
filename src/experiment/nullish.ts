import type { z } from 'zod'
import type { Column, ColumnType } from '../table/schema.js'
import { kindWithin, type Schema, takesNull } from './schema.js'

/**
 * Where in a value there are fields that may be absent and may be null, too, as `.nullish()` makes them. Columns tell both apart only in
 * JSON: elsewhere either is a null.
 */
export interface Nullish {
  /** Such fields of an object. */
  readonly names: readonly string[]
  /** Fields of an object that have such fields somewhere within them. */
  readonly within: readonly (readonly [name: string, part: Nullish])[]
  /** Of a list: its items. */
  readonly items?: Nullish
}

/** Returns the fields of an object, and of objects and lists within it, that may be either; `undefined` if there are none. */
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
