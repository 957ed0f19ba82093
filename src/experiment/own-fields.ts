import type { z } from 'zod'
import { optionsOf, type Schema, unwrap } from './schema.js'

/** An object with nothing but what was put there: no field of it is inherited, whatever is put on all objects. */
export type Fields = Record<string, unknown>

/** Made by a constructor, since an engine is quicker with objects of one shape than with `Object.create(null)`. */
export const Fields = function Fields() {} as unknown as new () => Fields
Fields.prototype = Object.freeze(Object.create(null))

const ObjectPrototype = Object.prototype
const { getOwnPropertyDescriptor, getPrototypeOf, hasOwn, keys } = Object

/** Whether every object has something of this name. What a spec puts there while it runs spoils its process, which is replaced. */
export function isInherited(name: string): boolean {
  return name in ObjectPrototype
}

/** A value as zod is to see it: its objects have their own fields alone, or those of their class. */
type Take = (value: unknown) => unknown

/**
 * Makes the value that is handed to a schema, without the field `leftOut`. Of the objects in it `constructor` is a field only if they
 * have one.
 */
export function ownFields(schema: z.core.$ZodObject, leftOut?: string): Take {
  return objectTaker(schema, new Map(), leftOut)
}

function takerOf(schema: Schema, known: Map<Schema, Take | undefined>): Take | undefined {
  if (known.has(schema)) return known.get(schema)
  // A schema may lie within itself.
  known.set(schema, (value) => known.get(schema)?.(value) ?? value)
  const take = makeTaker(schema, known)
  known.set(schema, take)
  return take
}

/** `undefined` if there is nothing to do: the value has no objects, or is kept as it is. */
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
  // Of a strict object, zod refuses what is on all objects, too.
  const isSimple = inner.length === 0 && catchall === undefined && !names.some(isInherited)
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    // Most objects are as they should be: to copy them takes longer than all the rest.
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

/** Whether an object has a field, or its class has a getter for it: methods are no fields, nor is what all objects have. */
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

/** A field of an object, or of its class; `undefined` if it has none. */
export function fieldOf(object: object, name: string): unknown {
  return name in object && hasField(object, name) ? (object as Fields)[name] : undefined
}

function takeItems(value: unknown, take: Take): unknown {
  if (!Array.isArray(value)) return value
  const items: unknown[] = []
  for (let i = 0; i < value.length; i++) items.push(take(value[i]))
  return items
}

/** If it is not known of which schema an object is: plain ones get no other fields, and others stay as they are. */
function takePlain(value: unknown): unknown {
  if (Array.isArray(value)) return takeItems(value, takePlain)
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  const fields = new Fields()
  for (const name of keys(value)) fields[name] = takePlain((value as Fields)[name])
  return fields
}

/** Whether an object is of no class, be it of another realm. */
export function isPlain(value: object): boolean {
  const prototype = getPrototypeOf(value)
  return prototype === null || getPrototypeOf(prototype) === null
}
