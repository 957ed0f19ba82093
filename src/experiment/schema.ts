import type { z } from 'zod'

/** A zod schema as a union of its kinds, so that TypeScript narrows it by `_zod.def.type`. */
export type Schema = z.core.$ZodTypes

/**
 * Returns the schema within a wrapper that changes neither kind nor value, or `undefined` if there
 * is no wrapper. For a pipe, returns its output.
 */
export function unwrap(schema: Schema): Schema | undefined {
  const { def } = schema._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return def.innerType as Schema
    case 'lazy':
      return (schema as z.core.$ZodLazy)._zod.innerType as Schema
    case 'pipe':
      return def.out as Schema
    default:
      return undefined
  }
}

/** Returns the schemas directly inside a schema, each with its path. */
export function partsOf(schema: Schema): [path: string, part: Schema][] {
  const inner = unwrap(schema)
  if (inner) return [['', inner]]
  const { def } = schema._zod
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).map(([name, field]) => [`.${name}`, field as Schema])
    case 'array':
      return [['[]', def.element as Schema]]
    case 'tuple': {
      const items = def.items.map((item, i): [string, Schema] => [`[${i}]`, item as Schema])
      return def.rest ? [...items, ['[]', def.rest as Schema]] : items
    }
    case 'record':
      return [['{}', def.valueType as Schema]]
    default:
      return optionsOf(schema).map((option) => ['', option])
  }
}

/** Returns the sides of a union or an intersection, except null and undefined. */
export function optionsOf(schema: Schema): Schema[] {
  return sidesOf(schema).filter(({ _zod }) => _zod.def.type !== 'null' && _zod.def.type !== 'undefined')
}

function sidesOf(schema: Schema): readonly Schema[] {
  const { def } = schema._zod
  if (def.type === 'union') return def.options as readonly Schema[]
  return def.type === 'intersection' ? ([def.left, def.right] as Schema[]) : []
}

/**
 * Returns whether an object accepts additional fields: `z.looseObject`, or an object with a
 * `catchall`.
 */
export function isOpen(object: z.core.$ZodObject): boolean {
  const { catchall } = object._zod.def
  return catchall !== undefined && catchall._zod.def.type !== 'never'
}

/** Returns whether a schema accepts null as a value. */
export function takesNull(schema: Schema, seen = new Set<Schema>()): boolean {
  if (seen.has(schema)) return false
  seen.add(schema)
  const { def } = schema._zod
  if (def.type === 'nullable' || def.type === 'null' || def.type === 'any' || def.type === 'unknown') return true
  if (def.type === 'literal') return def.values.includes(null)
  const inner = unwrap(schema)
  return inner ? takesNull(inner, seen) : sidesOf(schema).some((side) => takesNull(side, seen))
}

/**
 * Returns the object or array within wrappers and unions. The column's type guarantees that there
 * is one.
 */
export function kindWithin<K extends 'object' | 'array'>(
  schema: Schema,
  kind: K,
): Extract<Schema, { _zod: { def: { type: K } } }> {
  if (schema._zod.def.type === kind) return schema as Extract<Schema, { _zod: { def: { type: K } } }>
  return kindWithin(unwrap(schema) ?? optionsOf(schema)[0]!, kind)
}
