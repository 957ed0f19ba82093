import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { Column, ColumnType } from '../table/schema.js'
import { fieldNameProblem } from './names.js'
import { isOpen, optionsOf, partsOf, type Schema, unwrap } from './schema.js'

/**
 * A field that no column can hold. `path` begins at the object; `problem` is a sentence without its
 * subject.
 */
export class UnstorableFieldError extends Error {
  constructor(
    readonly path: string,
    readonly problem: string,
  ) {
    super(`${path} ${problem}`)
  }
}

/**
 * Returns the columns that hold the result of parsing with this schema. Throws
 * `UnstorableFieldError`.
 */
export function columnsOf(object: z.core.$ZodObject): Column[] {
  return Object.entries(object._zod.def.shape).map(([name, field]) => ({
    name,
    type: columnType(field as Schema, name),
  }))
}

function columnType(schema: Schema, path: string): ColumnType {
  const { def } = schema._zod
  switch (def.type) {
    case 'string':
      return { kind: isIsoDate(def) ? 'date' : 'string' }
    case 'template_literal':
      return { kind: 'string' }
    case 'number':
      return { kind: isInteger(def) ? 'int64' : 'double' }
    case 'nan':
      return { kind: 'double' }
    case 'bigint':
      if (formatsOf(def).includes('uint64')) {
        throw new UnstorableFieldError(path, 'is unsigned, and columns hold signed 64-bit integers: use z.int64()')
      }
      return { kind: 'int64', bigint: true }
    case 'boolean':
    case 'success':
      return { kind: 'boolean' }
    case 'date':
      return { kind: 'timestamp' }
    case 'enum':
      // For a TypeScript enum, `entries` contains the names as values, too.
      return valuesType([...(schema._zod.values ?? [])], path)
    case 'literal':
      return valuesType(def.values, path)
    case 'array':
      return { kind: 'list', item: columnType(def.element as Schema, `${path}[]`) }
    case 'object':
      return objectType(schema as z.core.$ZodObject, path)
    case 'union':
    case 'intersection':
      return oneTypeOf(schema, path)
    case 'record':
    case 'tuple':
    case 'any':
    case 'unknown':
    case 'null':
      return jsonType(schema, path)
    default:
      return innerType(schema, path)
  }
}

function innerType(schema: Schema, path: string): ColumnType {
  const inner = unwrap(schema)
  if (!inner) throw unstorable(schema, path)
  return isRecursive(schema) ? jsonType(inner, path) : columnType(inner, path)
}

/**
 * Returns a struct, or JSON if a struct would lose fields (open objects), have no fields, or never
 * end (recursion).
 */
function objectType(object: z.core.$ZodObject, path: string): ColumnType {
  const fields = Object.entries(object._zod.def.shape)
  if (fields.length === 0 || isOpen(object) || isRecursive(object as Schema)) return jsonType(object as Schema, path)
  return {
    kind: 'struct',
    fields: fields.map(([name, field]) => {
      const expected = fieldNameProblem(name)
      if (expected) throw new UnstorableFieldError(`${path}.${name}`, `is expected to be ${expected}: rename it`)
      return { name, type: columnType(field as Schema, `${path}.${name}`) }
    }),
  }
}

/**
 * Returns the column type of a union. If the options agree, it is their type (integers widen to
 * numbers, dates to texts). For texts together with numbers or booleans, it is a mixed text; for
 * anything else, JSON.
 */
function oneTypeOf(union: Schema, path: string): ColumnType {
  if (isRecursive(union)) return jsonType(union, path)
  const types = optionsOf(union).map((option) => columnType(option, path))
  const [first, ...others] = types
  if (first && others.every((other) => isDeepStrictEqual(other, first))) return first
  if (types.length > 0 && types.every(isNumber)) return { kind: 'double' }
  if (types.length > 0 && types.every((type) => isText(type) && !type.mixed)) return { kind: 'string' }
  const isMixed = union._zod.def.type === 'union' && types.length > 0
  if (isMixed && types.every((type) => isText(type) || isNumber(type) || type.kind === 'boolean')) return MIXED
  return jsonType(union, path)
}

function valuesType(allowed: readonly unknown[], path: string): ColumnType {
  const values = allowed.filter((value) => value !== null && value !== undefined)
  if (values.every((value) => typeof value === 'string')) return { kind: 'string' }
  if (values.every((value) => typeof value === 'boolean')) return { kind: 'boolean' }
  if (values.every((value) => typeof value === 'bigint')) return { kind: 'int64', bigint: true }
  if (values.some((value) => typeof value === 'bigint')) throw new UnstorableFieldError(path, MIXED_BIGINT)
  if (values.every((value) => typeof value === 'number')) {
    return { kind: values.every(Number.isSafeInteger) ? 'int64' : 'double' }
  }
  return MIXED
}

const MIXED: ColumnType = { kind: 'string', mixed: true }
const MIXED_BIGINT = 'mixes bigint with other types, which JSON cannot keep: use one type for the field'

/** Returns the type of a JSON column. Throws if the schema allows a value that JSON cannot keep. */
function jsonType(schema: Schema, path: string): ColumnType {
  assertJson(schema, path, new Set())
  return { kind: 'json' }
}

function assertJson(schema: Schema, path: string, seen: Set<Schema>): void {
  if (seen.has(schema)) return
  seen.add(schema)
  const { def } = schema._zod
  if (def.type === 'bigint' || (def.type === 'literal' && def.values.some((value) => typeof value === 'bigint'))) {
    throw new UnstorableFieldError(
      path,
      'is a bigint in a column of JSON, which cannot keep it: use a string, or a field of its own',
    )
  }
  if (def.type === 'date') {
    throw new UnstorableFieldError(
      path,
      'is a Date in a column of JSON, which cannot keep it: use z.iso.datetime(), or a field of its own',
    )
  }
  if (INSTEAD[def.type]) throw unstorable(schema, path)
  if (def.type === 'object' && def.catchall) assertJson(def.catchall as Schema, `${path}{}`, seen)
  for (const [step, part] of partsOf(schema)) assertJson(part, path + step, seen)
}

/** Advice for the kinds of schema that no column can hold. */
const INSTEAD: Partial<Record<Schema['_zod']['def']['type'], string>> = {
  custom: 'say what type it has with .pipe(z.string()), or whatever it is',
  file: 'use fileReference()',
  function: 'keep values only',
  map: 'use z.record() or a list of pairs',
  never: 'give it a type that has values, or remove it',
  promise: 'await the value first',
  set: 'use z.array()',
  symbol: 'use z.string()',
  transform: 'say what type it becomes with .transform(f).pipe(z.number()), or whatever it is',
  undefined: 'put .optional() on the type that it has otherwise',
  void: 'put .optional() on the type that it has otherwise',
}

function unstorable(schema: Schema, path: string): UnstorableFieldError {
  const { type } = schema._zod.def
  const instead = INSTEAD[type]
  return new UnstorableFieldError(
    path,
    `is of the kind "${type}" and cannot become a column${instead ? `: ${instead}` : ''}`,
  )
}

function isText(type: ColumnType): type is { kind: 'string' | 'date'; mixed?: boolean } {
  return type.kind === 'string' || type.kind === 'date'
}

function isNumber(type: ColumnType): boolean {
  return type.kind === 'double' || (type.kind === 'int64' && !type.bigint)
}

/** Returns whether a schema contains itself. */
function isRecursive(schema: Schema): boolean {
  const seen = new Set<Schema>()
  const reaches = (from: Schema): boolean =>
    partsOf(from).some(([, part]) => {
      if (part === schema) return true
      if (seen.has(part)) return false
      seen.add(part)
      return reaches(part)
    })
  return reaches(schema)
}

interface Checked {
  readonly format?: string
  readonly checks?: readonly z.core.$ZodCheck<never>[] | undefined
}

function formatsOf(def: object): (string | undefined)[] {
  const { format, checks = [] } = def as Checked
  return [format, ...checks.map((check) => (check._zod.def as Checked).format)]
}

/** Returns whether an `overwrite` may change the value after its format was checked. */
function isOverwritten(def: object): boolean {
  return ((def as Checked).checks ?? []).some((check) => check._zod.def.check === 'overwrite')
}

function isInteger(def: object): boolean {
  return !isOverwritten(def) && formatsOf(def).some((format) => format?.includes('int'))
}

function isIsoDate(def: object): boolean {
  return !isOverwritten(def) && formatsOf(def).includes('date')
}
