import type { z } from 'zod'
import { optionsOf, type Schema, unwrap } from './schema.js'

/**
 * An object that has only the fields that were put into it. It inherits nothing, even if something
 * is added to `Object.prototype`.
 */
export type Fields = Record<string, unknown>

/**
 * Creates an object without inherited fields. It is a constructor because an engine handles objects
 * of one shape faster than objects of `Object.create(null)`.
 */
export const Fields = function Fields() {} as unknown as new () => Fields
Fields.prototype = Object.freeze(Object.create(null))

const ObjectPrototype = Object.prototype
const { getOwnPropertyDescriptor, getPrototypeOf, hasOwn, keys } = Object

/**
 * Returns whether every object inherits a property with this name. If a spec adds such a property
 * while it runs, its process is replaced.
 */
export function isInherited(name: string): boolean {
  return name in ObjectPrototype
}

/** Prepares a value for zod: its objects have only their own fields, or those of their class. */
type Take = (value: unknown) => unknown

/**
 * Returns a function that prepares a value for a schema, without the field `leftOut`. In the
 * result, `constructor` is a field of an object only if the object itself has one.
 */
export function ownFields(schema: z.core.$ZodObject, leftOut?: string): Take {
  return objectTaker(schema, new Map(), leftOut)
}

function takerOf(schema: Schema, known: Map<Schema, Take | undefined>): Take | undefined {
  if (known.has(schema)) return known.get(schema)
  // A schema may contain itself.
  known.set(schema, (value) => known.get(schema)?.(value) ?? value)
  const take = makeTaker(schema, known)
  known.set(schema, take)
  return take
}

/**
 * Returns `undefined` if no preparation is needed: the value has no objects, or is kept unchanged.
 */
function makeTaker(schema: Schema, known: Map<Schema, Take | undefined>): Take | undefined {
  const { def } = schema._zod
  switch (def.type) {
    case 'object':
      return objectTaker(schema as z.core.$ZodObject, known)
    case 'array': {
      const item = takerOf(def.element as Schema, known)
      return item && ((value) => takeItems(value, item))
    }
    case 'union':
    case 'intersection':
      return optionsOf(schema).some((option) => takerOf(option, known)) ? takePlain : undefined
    case 'record':
      return takerOf(def.valueType as Schema, known) && takePlain
    case 'tuple':
      return def.items.some((item) => takerOf(item as Schema, known)) ? takePlain : undefined
    case 'pipe':
      return takerOf(def.in as Schema, known)
    default: {
      const inner = unwrap(schema)
      return inner && takerOf(inner, known)
    }
  }
}

function objectTaker(schema: z.core.$ZodObject, known: Map<Schema, Take | undefined>, leftOut?: string): Take {
  const { shape, catchall } = schema._zod.def
  const names = keys(shape)
  const inner = names.flatMap((name) => {
    const take = takerOf(shape[name] as Schema, known)
    return take ? [{ name, take }] : []
  })
  // In a strict object, zod also refuses properties that were added to all objects.
  const isSimple = inner.length === 0 && catchall === undefined && !names.some(isInherited)
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    // Most objects need no change, and copying them would take longer than everything else.
    const isWhole = leftOut === undefined || !(leftOut in value)
    if (isSimple && isWhole && getPrototypeOf(value) === ObjectPrototype) return value
    const fields = new Fields()
    const own = keys(value)
    for (let i = 0; i < own.length; i++) if (own[i] !== leftOut) fields[own[i]!] = (value as Fields)[own[i]!]
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      if (!(name in fields) && hasField(value, name)) fields[name] = (value as Fields)[name]
    }
    for (const { name, take } of inner) if (name in fields) fields[name] = take(fields[name])
    return fields
  }
}

/**
 * Returns whether an object has a field, or its class has a getter for the field. Methods are not
 * fields, nor are properties that all objects inherit.
 */
function hasField(object: object, name: string): boolean {
  if (hasOwn(object, name)) return true
  let holder = getPrototypeOf(object)
  while (holder !== null) {
    const next = getPrototypeOf(holder)
    if (next === null) return false
    const property = getOwnPropertyDescriptor(holder, name)
    if (property) return typeof property.value !== 'function'
    holder = next
  }
  return false
}

/** Returns a field of an object or of its class, or `undefined` if there is none. */
export function fieldOf(object: object, name: string): unknown {
  return name in object && hasField(object, name) ? (object as Fields)[name] : undefined
}

function takeItems(value: unknown, take: Take): unknown {
  if (!Array.isArray(value)) return value
  const items: unknown[] = []
  for (let i = 0; i < value.length; i++) items.push(take(value[i]))
  return items
}

/**
 * Prepares an object whose schema is not known. A plain object gets no inherited fields, and any
 * other object stays unchanged.
 */
function takePlain(value: unknown): unknown {
  if (Array.isArray(value)) return takeItems(value, takePlain)
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  const fields = new Fields()
  for (const name of keys(value)) fields[name] = takePlain((value as Fields)[name])
  return fields
}

/**
 * Returns whether an object is not an instance of a class. The object may come from another realm.
 */
export function isPlain(value: object): boolean {
  const prototype = getPrototypeOf(value)
  return prototype === null || getPrototypeOf(prototype) === null
}
