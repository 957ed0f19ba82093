import type { JsonSchema } from './io-spec.js'

export type Definitions = Readonly<Record<string, JsonSchema>>

/** Returns the name of the definition that a `$ref` refers to. */
export function definitionName(ref: string): string {
  return ref.replace(/^#\/\$defs\//, '')
}

/** Returns the definition with a name. The name may be one that every object inherits. */
export function definitionOf(name: string, definitions: Definitions): JsonSchema | undefined {
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined
}

/**
 * Returns the schema that a `$ref` refers to, or the schema itself if it has no `$ref`. Finds only
 * definitions of this document.
 */
export function resolveRef(schema: JsonSchema, definitions: Definitions): JsonSchema {
  const seen = new Set<JsonSchema>()
  let resolved = schema
  while (resolved.$ref !== undefined && !seen.has(resolved)) {
    seen.add(resolved)
    const target = definitionOf(definitionName(resolved.$ref), definitions)
    if (!target) return {}
    resolved = target
  }
  return resolved
}

/** Returns the schemas that a value may have, without null, and with references resolved. */
export function optionsOf(schema: JsonSchema, definitions: Definitions): JsonSchema[] {
  const resolved = resolveRef(schema, definitions)
  const options = (resolved.anyOf ?? resolved.oneOf) as JsonSchema[] | undefined
  if (!options) return resolved.type === 'null' ? [] : [resolved]
  return options.map((option) => resolveRef(option, definitions)).filter(({ type }) => type !== 'null')
}

/** Returns whether a schema accepts null. */
export function acceptsNull(schema: JsonSchema, definitions: Definitions): boolean {
  const { type, enum: values, const: only, anyOf, oneOf, allOf } = resolveRef(schema, definitions)
  if (values) return values.includes(null)
  if (only !== undefined) return only === null
  const accepts = (option: JsonSchema) => acceptsNull(option, definitions)
  if (anyOf ?? oneOf) return ((anyOf ?? oneOf) as JsonSchema[]).some(accepts)
  if (allOf) return (allOf as JsonSchema[]).every(accepts)
  return type === undefined || [type].flat().includes('null')
}

/**
 * Returns a JSON value without the nulls that stand for missing fields: those that their schema
 * does not accept.
 */
export function withoutNulls(value: unknown, schema: JsonSchema, definitions: Definitions): unknown {
  if (typeof value !== 'object' || value === null) return value
  const options = optionsOf(schema, definitions)
  // If there are several schemas, it is not known which of them applies.
  const [only = {}] = options.length === 1 ? options : []
  if (Array.isArray(value)) {
    const { items } = only
    if (typeof items !== 'object' || Array.isArray(items)) return value
    return value.map((item) => withoutNulls(item, items as JsonSchema, definitions))
  }
  const properties = (only.properties ?? {}) as Definitions
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => {
      const property = Object.hasOwn(properties, name) ? properties[name]! : {}
      if (part === null) return acceptsNull(property, definitions) ? [[name, null]] : []
      return [[name, withoutNulls(part, property, definitions)]]
    }),
  )
}
