import { z } from 'zod'
import type { Column, ColumnType } from '../table/schema.js'
import { columnsOf } from './columns.js'
import { ExperimentInvalidError } from './errors.js'
import { showPath } from './values.js'

/** Something about a value that does not fit: where in it, what is there, and what was expected. */
export interface Problem {
  readonly field: string
  readonly value: unknown
  readonly message: string
}

export type Parsed = { readonly value: Record<string, unknown> } | { readonly problems: readonly Problem[] }

/**
 * Checks objects against a schema and against what its columns can keep. `experiment` and `option` say in an error whose schema it is.
 */
export function objectParser(schema: z.ZodObject, experiment: string, option: string): (value: unknown) => Parsed {
  const unkept = objectCheck(columnsOf(schema))
  return (value) => {
    let result: z.ZodSafeParseResult<Record<string, unknown>>
    try {
      result = z.safeParse(schema, value)
    } catch (error) {
      if (error instanceof z.core.$ZodAsyncError) {
        throw new ExperimentInvalidError(
          experiment,
          option,
          `${option} has an asynchronous check or transform: make it synchronous.`,
        )
      }
      const reason = error instanceof Error ? error.message : String(error)
      return { problems: [{ field: '', value, message: `A check or transform of the schema threw: ${reason}` }] }
    }
    if (!result.success) return { problems: problemsOf(result.error, value) }
    const problem = unkept?.(result.data, '')
    return problem ? { problems: [problem] } : { value: result.data }
  }
}

/** What zod says of a value, with what is there in each place. */
export function problemsOf(error: z.ZodError, value: unknown): Problem[] {
  return error.issues.map((issue) => toProblem(issue, value))
}

function toProblem(issue: z.core.$ZodIssue, value: unknown): Problem {
  const { path } = issue
  const at = path.reduce<unknown>(
    (within, step) => (within as Record<PropertyKey, unknown> | null | undefined)?.[step],
    value,
  )
  return {
    field: showPath(path),
    value: at,
    message: messageOf(issue).replace(/, received undefined$/, ', and it is missing'),
  }
}

/** Of a union, what each option says: zod itself says no more than "Invalid input". */
function messageOf({ message, ...issue }: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return message
  return [...new Set(issue.errors.flatMap(([first]) => first?.message ?? []))].join('; or ')
}

/** What of a value its column cannot keep, though the schema allows it; `undefined` where nothing. */
type Check = (value: unknown, path: string) => Problem | undefined

const MIN_INT64 = -(2n ** 63n)
const MAX_INT64 = 2n ** 63n - 1n

/** A check where the type needs one, else `undefined`: most columns keep all that their schemas allow. */
function columnCheck(type: ColumnType): Check | undefined {
  if (type.kind === 'int64' && type.bigint) return checkInt64
  if (type.kind === 'json') return checkJson
  if (type.kind === 'struct') return objectCheck(type.fields)
  if (type.kind === 'list') {
    const item = columnCheck(type.item)
    return item && ((values, path) => firstProblem(values as unknown[] | null | undefined, path, item))
  }
  return undefined
}

function objectCheck(columns: readonly Column[]): Check | undefined {
  const checks = columns.flatMap(({ name, type }) => {
    const check = columnCheck(type)
    return check ? [{ name, check }] : []
  })
  if (checks.length === 0) return undefined
  return (object, path) => {
    if (object === null || object === undefined) return undefined
    for (const { name, check } of checks) {
      const problem = check((object as Record<string, unknown>)[name], path === '' ? name : `${path}.${name}`)
      if (problem) return problem
    }
    return undefined
  }
}

function checkInt64(value: unknown, field: string): Problem | undefined {
  if (typeof value !== 'bigint' || (value >= MIN_INT64 && value <= MAX_INT64)) return undefined
  return { field, value, message: 'Expected a signed 64-bit integer' }
}

function checkJson(value: unknown, field: string): Problem | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return undefined
    case 'number':
      return Number.isFinite(value)
        ? undefined
        : { field, value, message: 'Expected a finite number: JSON has no others' }
    case 'object':
      return checkJsonObject(value, field)
    default:
      return { field, value, message: `Expected a JSON value, got a ${typeof value}` }
  }
}

function checkJsonObject(value: object | null, field: string): Problem | undefined {
  if (value === null) return undefined
  if (Array.isArray(value)) return firstProblem(value, field, checkJson)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return { field, value, message: `Expected a JSON value, got a ${prototype.constructor?.name ?? 'class instance'}` }
  }
  for (const [name, part] of Object.entries(value)) {
    const problem = checkJson(part, `${field}.${name}`)
    if (problem) return problem
  }
  return undefined
}

function firstProblem(values: readonly unknown[] | null | undefined, path: string, check: Check): Problem | undefined {
  for (let i = 0; i < (values?.length ?? 0); i++) {
    const problem = check(values?.[i], `${path}[${i}]`)
    if (problem) return problem
  }
  return undefined
}
