import { z } from 'zod'
import { ExperimentInvalidError } from './errors.js'
import type { JsonSchema } from './io-spec.js'
import { formatValue } from './values.js'

const DEEPEST = 100

const schema: z.ZodType = z.lazy(() => z.union([z.boolean(), schemaObject]))
const schemas = z.array(schema).min(1)
const fields = z.record(z.string(), schema)
const size = z.int().min(0)
const names = z.array(z.string())

/** The parts of a JSON Schema that the importer writes into code, with their types. */
const schemaObject = z.looseObject({
  $defs: fields.optional(),
  $ref: z.string().optional(),
  additionalProperties: schema.optional(),
  allOf: schemas.optional(),
  anyOf: schemas.optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).min(1).optional(),
  exclusiveMaximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  format: z.string().optional(),
  items: schema.optional(),
  maxItems: size.optional(),
  maxLength: size.optional(),
  maximum: z.number().optional(),
  minItems: size.optional(),
  minLength: size.optional(),
  minimum: z.number().optional(),
  multipleOf: z.number().gt(0).optional(),
  oneOf: schemas.optional(),
  pattern: z.string().optional(),
  prefixItems: schemas.optional(),
  properties: fields.optional(),
  required: names.optional(),
  type: z.union([z.string(), names.min(1)]).optional(),
})

/**
 * Returns a parsed YAML document as a JSON Schema, if it is one. Throws `ExperimentInvalidError`
 * with the problem and its place otherwise.
 */
export function checkIoSpec(ioSpec: unknown, experiment: string): JsonSchema {
  const wrong = notJson(ioSpec, [])
  if (wrong) throw new ExperimentInvalidError(experiment, wrong.path, `the io spec ${wrong.problem}.`)
  const checked = schemaObject.safeParse(ioSpec ?? {})
  if (checked.success) return (ioSpec ?? {}) as JsonSchema
  const { path, message } = deepest(checked.error.issues[0]!)
  const value = path.reduce<unknown>((part, step) => (part as Record<PropertyKey, unknown> | undefined)?.[step], ioSpec)
  const place = path.join('.')
  const at = place === '' ? '' : ` at ${place}`
  throw new ExperimentInvalidError(
    experiment,
    place,
    `the io spec is wrong${at}: ${message} (got ${formatValue(value)}).`,
  )
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Returns the deepest issue of a union, which belongs to the option that the value fits best. */
function deepest(issue: z.core.$ZodIssue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.flatMap((branch) => branch.slice(0, 1).map(deepest))
  const furthest = inner.reduce<Issue>((best, one) => (one.path.length > best.path.length ? one : best), {
    path: [],
    message: 'Invalid input: expected a schema',
  })
  return { path: [...issue.path, ...furthest.path], message: furthest.message }
}

interface Wrong {
  readonly path: string
  readonly problem: string
}

/**
 * Returns the first part of a parsed YAML document that JSON cannot represent: a part that contains
 * itself, nesting that is too deep, or a value of another type.
 */
function notJson(value: unknown, within: readonly unknown[]): Wrong | undefined {
  if (value === null || value === undefined || ['string', 'number', 'boolean'].includes(typeof value)) return undefined
  if (typeof value !== 'object') return { path: '', problem: `has a ${typeof value}, which JSON has not` }
  const form = Object.getPrototypeOf(value)
  if (![null, Object.prototype, Array.prototype].includes(form)) {
    return { path: '', problem: `has a ${form.constructor?.name}, which JSON has not` }
  }
  if (within.includes(value)) return { path: '', problem: 'has a part that contains itself' }
  if (within.length >= DEEPEST) return { path: '', problem: `is more than ${DEEPEST} levels deep` }
  for (const [name, part] of Object.entries(value)) {
    const wrong = notJson(part, [...within, value])
    if (wrong) return { ...wrong, path: wrong.path === '' ? name : `${name}.${wrong.path}` }
  }
  return undefined
}
