import type { JsonSchema } from './io-spec.js'
import { acceptsNull, type Definitions, definitionName, definitionOf, optionsOf, resolveRef } from './json-schema.js'
import { snakeCase, titleOf } from './names.js'
import { type ConstantNames, keyText, literal } from './typescript-literals.js'

/**
 * The state of the module that is being written. Types may refer to definitions, which are written
 * first.
 */
export interface Writing {
  readonly definitions: Definitions
  /** The name of the constant for each definition, in the order in which they are written. */
  readonly constants: Map<string, string>
  readonly names: ConstantNames
  /** The code of these constants. */
  readonly lines: string[]
  /** Definitions that are being written. A definition that refers to itself needs a getter. */
  readonly open: Set<string>
  /** Whether the current code is evaluated only after all constants exist. */
  later: boolean
  usesFiles: boolean
}

/** Returns an object's schema as code. */
export function objectText(schema: JsonSchema, writing: Writing, indent = ''): string {
  const { properties = {}, required = [], additionalProperties: rest, description } = schema
  const inner = `${indent}  `
  const fields = Object.entries(properties as Definitions).map(([name, field]) => {
    const value = fieldText(field, required.includes(name), writing, inner)
    // A schema that is not written yet can only be referred to from a getter.
    const key = keyText(name)
    return value.late
      ? `${inner}get ${key}() {\n${inner}  return ${value.text}\n${inner}},`
      : `${inner}${key}: ${value.text},`
  })
  const make = rest === true ? 'z.looseObject' : rest === false ? 'z.strictObject' : 'z.object'
  const object = fields.length > 0 ? `${make}({\n${fields.join('\n')}\n${indent}})` : `${make}({})`
  const catchall = typeof rest === 'object' ? `.catchall(${typeText(rest as JsonSchema, writing, indent)})` : ''
  return object + catchall + (description ? `.describe(${literal(description)})` : '')
}

function fieldText(
  field: JsonSchema,
  required: boolean,
  writing: Writing,
  indent: string,
): { text: string; late: boolean } {
  const { description, default: fallback } = field
  const before = writing.open.size > 0 && [...writing.open].some((name) => mentions(field, name, writing.definitions))
  const optional = required
    ? ''
    : fallback === undefined
      ? '.optional()'
      : `.default(${defaultText(fallback, field, writing)})`
  const about = description ? `.describe(${literal(description)})` : ''
  const { later } = writing
  writing.later ||= before
  const type = typeText(field, writing, indent)
  writing.later = later
  return { text: type + optional + about, late: before }
}

/** Returns a type as code, without its default and its description, which belong to the field. */
function typeText(schema: JsonSchema, writing: Writing, indent: string): string {
  const { definitions } = writing
  if (isFile(schema, definitions)) {
    writing.usesFiles = true
    return `fileReference()${acceptsNull(schema, definitions) ? '.nullable()' : ''}`
  }
  if (schema.$ref !== undefined) return definitionText(definitionName(schema.$ref), writing)
  if (schema.const !== undefined) {
    const isScalar = typeof schema.const !== 'object' || schema.const === null
    return isScalar ? `z.literal(${literal(schema.const)})` : 'z.unknown()'
  }
  if (schema.enum) return valuesText(schema.enum)
  const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
  if (options) {
    const types = [
      ...new Set(options.filter(({ type }) => type !== 'null').map((option) => typeText(option, writing, indent))),
    ]
    const nullable = options.some(({ type }) => type === 'null') ? '.nullable()' : ''
    if (types.length === 0) return 'z.null()'
    return (types.length === 1 ? types[0]! : `z.union([${types.join(', ')}])`) + nullable
  }
  const parts = schema.allOf as JsonSchema[] | undefined
  if (parts) return parts.map((part) => typeText(part, writing, indent)).reduce((a, b) => `z.intersection(${a}, ${b})`)
  if (Array.isArray(schema.type)) return typeText(severalTypes(schema), writing, indent)
  return plainText(schema, writing, indent)
}

function severalTypes({ type, ...schema }: JsonSchema): JsonSchema {
  return { anyOf: (type as unknown as string[]).map((one) => ({ ...schema, type: one }) as JsonSchema) }
}

function plainText(schema: JsonSchema, writing: Writing, indent: string): string {
  switch (schema.type) {
    case 'string':
      return stringText(schema)
    case 'integer':
      return `z.int()${boundsText(schema)}`
    case 'number':
      return `z.number()${boundsText(schema)}`
    case 'boolean':
      return 'z.boolean()'
    case 'null':
      return 'z.null()'
    case 'array':
      return arrayText(schema, writing, indent)
    case 'object': {
      // The description belongs to the field, and is written after the type.
      const { description: _, ...object } = schema
      const { properties, additionalProperties: rest } = object
      if (properties) return objectText(object, writing, indent)
      return `z.record(z.string(), ${typeof rest === 'object' ? typeText(rest as JsonSchema, writing, indent) : 'z.unknown()'})`
    }
    default:
      return 'z.unknown()'
  }
}

function stringText({ format, minLength, maxLength, pattern }: JsonSchema): string {
  // A time arrives as a `Date` and is sent as text: pandas recognizes columns of dates as dates.
  if (format === 'date-time') return 'z.date()'
  if (format === 'date') return 'z.iso.date()'
  const checks = [
    minLength === undefined ? '' : `.min(${literal(minLength)})`,
    maxLength === undefined ? '' : `.max(${literal(maxLength)})`,
    pattern === undefined ? '' : patternText(pattern),
  ]
  return `z.string()${checks.join('')}`
}

/**
 * Returns a pattern as code, or nothing if it is not a valid pattern in JavaScript: not every
 * pattern of Python is.
 */
function patternText(pattern: string): string {
  try {
    new RegExp(pattern)
    return `.regex(new RegExp(${literal(pattern)}))`
  } catch {
    return ''
  }
}

function boundsText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: JsonSchema): string {
  const bounds = { min: minimum, max: maximum, gt: exclusiveMinimum, lt: exclusiveMaximum, multipleOf }
  return (
    Object.entries(bounds)
      // zod's schemas of integers already include the bounds of safe integers.
      .map(([check, bound]) =>
        typeof bound === 'number' && Math.abs(bound) < 2 ** 53 - 1 ? `.${check}(${literal(bound)})` : '',
      )
      .join('')
  )
}

function arrayText({ items, prefixItems, minItems, maxItems }: JsonSchema, writing: Writing, indent: string): string {
  const type = (item: unknown) =>
    typeof item === 'object' ? typeText(item as JsonSchema, writing, indent) : 'z.unknown()'
  if (prefixItems) {
    const rest = typeof items === 'object' ? `, ${type(items)}` : ''
    return `z.tuple([${(prefixItems as JsonSchema[]).map(type).join(', ')}]${rest})`
  }
  const length = `${minItems === undefined ? '' : `.min(${literal(minItems)})`}${maxItems === undefined ? '' : `.max(${literal(maxItems)})`}`
  return `z.array(${type(items)})${length}`
}

/** Returns the values that a schema lists as code. zod cannot list values that are not scalars. */
function valuesText(values: readonly unknown[]): string {
  const known = values.filter((value) => value !== null)
  const nullable = known.length < values.length ? '.nullable()' : ''
  if (known.length === 0) return 'z.null()'
  if (known.some((value) => typeof value === 'object')) return 'z.unknown()'
  // zod turns an enumeration into an object with these values as its keys.
  const isEnum = known.every((value) => typeof value === 'string' && value !== '__proto__')
  return `${isEnum ? 'z.enum' : 'z.literal'}([${known.map(literal).join(', ')}])${nullable}`
}

/** Writes a definition as a constant, before the code that refers to it. Returns the reference. */
function definitionText(name: string, writing: Writing): string {
  const known = writing.constants.get(name)
  // A constant that is not written yet can only be referred to lazily.
  if (known) return writing.open.has(name) && !writing.later ? `z.lazy(() => ${known})` : known
  const schema = definitionOf(name, writing.definitions)
  if (!schema || resolveRef(schema, writing.definitions).$ref !== undefined) return 'z.unknown()'
  const constant = writing.names.take(titleOf(snakeCase(name)) || 'Definition')
  const { later } = writing
  writing.constants.set(name, constant)
  writing.open.add(name)
  writing.later = false
  const body =
    schema.type === 'object' && schema.properties ? objectText(schema, writing) : typeText(schema, writing, '')
  writing.later = later
  writing.open.delete(name)
  writing.lines.push(`export const ${constant} = ${body}`)
  return constant
}

/** Returns whether a schema refers to a definition, directly or through other definitions. */
function mentions(schema: JsonSchema, name: string, definitions: Definitions, seen = new Set<string>()): boolean {
  const refs: string[] = []
  JSON.stringify(schema, (key, value) => {
    if (key === '$ref' && typeof value === 'string') refs.push(definitionName(value))
    return value
  })
  return refs.some((ref) => {
    if (ref === name) return true
    if (seen.has(ref)) return false
    seen.add(ref)
    return mentions(definitionOf(ref, definitions) ?? {}, name, definitions, seen)
  })
}

/**
 * Returns whether a schema is a file. pydantic describes a file as a union of addresses and paths;
 * the schemas of this package mark it with a keyword.
 */
function isFile(schema: JsonSchema, definitions: Definitions): boolean {
  const isMarked = (part: JsonSchema) => (part as Record<string, unknown>)['x-scythe'] === 'file'
  if (isMarked(schema)) return true
  const options = optionsOf(schema, definitions)
  if (options.length === 1) return isMarked(options[0]!)
  const formats = options.map(({ type, format }) => (type === 'string' ? format : undefined))
  const isAddress = (format: unknown) => ['uri', 'path', 'file-path'].includes(format as string)
  return options.length > 1 && formats.every(isAddress) && formats.includes('uri') && formats.some((f) => f !== 'uri')
}

function defaultText(value: unknown, field: JsonSchema, { definitions }: Writing): string {
  const [only] = optionsOf(field, definitions)
  // Times without a zone are in UTC, so that they mean one instant on every machine.
  if (typeof value === 'string' && only?.format === 'date-time') {
    return `new Date(${literal(/(?:[zZ]|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)})`
  }
  return literal(value)
}
