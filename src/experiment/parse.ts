import { z } from 'zod'
import { columnsOf } from './columns.js'
import { ExperimentInvalidError } from './errors.js'
import { rowKeeper } from './keep.js'
import { type Fields, ownFields } from './own-fields.js'
import { isOpen } from './schema.js'
import { Unkept } from './unkept.js'
import { formatPath, thrownText } from './values.js'

/**
 * A part of a value that does not fit: its path, the value at this path, and a message with the
 * expectation.
 */
export interface Problem {
  readonly field: string
  readonly value: unknown
  readonly message: string
}

/** A field that a schema does not declare. */
export interface Unknown {
  readonly field: string
  readonly value: unknown
}

export type Parsed = ({ readonly value: Fields } | { readonly problems: readonly Problem[] }) & {
  /**
   * The undeclared fields. It is empty for an open object (`z.looseObject`), which may have any
   * fields.
   */
  readonly unknown: readonly Unknown[]
}

const NONE: readonly Unknown[] = []

/**
 * Returns a function that checks objects against a schema and against its columns, and copies their
 * values, so that the user's code cannot change them afterwards. `experiment` and `option` identify
 * the schema in errors. The field `leftOut` is ignored.
 */
export function objectParser(
  schema: z.ZodObject,
  experiment: string,
  option: string,
  leftOut?: string,
): (value: unknown) => Parsed {
  const take = ownFields(schema, leftOut)
  const { checks = [], catchall } = schema._zod.def
  // zod returns a new object with only the declared fields, unless a check replaces the object.
  const keep = rowKeeper(columnsOf(schema), checks.length === 0 && catchall === undefined)
  const findUnknown = isOpen(schema) ? () => NONE : unknownFinder(schema)
  return (value) => {
    let unknown = NONE
    try {
      const given = take(value)
      unknown = findUnknown(given)
      const { success, data, error } = z.safeParse(schema, given)
      return success ? { value: keep(data), unknown } : { problems: problemsOf(error, given), unknown }
    } catch (error) {
      if (error instanceof Unkept) {
        return { problems: [{ field: formatPath(error.path), value: error.value, message: error.message }], unknown }
      }
      if (error instanceof z.core.$ZodAsyncError) {
        throw new ExperimentInvalidError(
          experiment,
          option,
          `${option} has an asynchronous check or transform: make it synchronous.`,
        )
      }
      const message = `It cannot be read, or a check or transform of the schema threw: ${thrownText(error)}`
      return { problems: [{ field: '', value: undefined, message }], unknown }
    }
  }
}

function unknownFinder({ shape }: z.ZodObject): (given: unknown) => readonly Unknown[] {
  const names = Object.keys(shape)
  const known = new Set(names)
  return (given) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return NONE
    let unknown = NONE
    let i = 0
    for (const field in given) {
      // Most objects have their fields in the order of the schema; comparing names is then faster
      // than looking up each field.
      if (field === names[i++] || known.has(field) || !Object.hasOwn(given, field)) continue
      unknown = [...unknown, { field, value: (given as Fields)[field] }]
    }
    return unknown
  }
}

/** Returns zod's issues about a value, each with the value at its place. */
export function problemsOf(error: z.ZodError, value: unknown): Problem[] {
  return error.issues.map((issue) => toProblem(issue, value))
}

/** Returns the first problems of an invalid value in one line: `specs: expected a number`. */
export function problemText(error: z.ZodError, value: unknown): string {
  const problems = problemsOf(error, value)
  const lines = problems.slice(0, SHOWN).map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
  if (problems.length > SHOWN) lines.push(`and ${problems.length - SHOWN} more`)
  return lines.join('; ')
}

const SHOWN = 3

function toProblem(issue: z.core.$ZodIssue, value: unknown): Problem {
  const { path } = issue
  const at = path.reduce<unknown>(
    (within, step) => (within as Record<PropertyKey, unknown> | null | undefined)?.[step],
    value,
  )
  return {
    field: formatPath(path),
    value: at,
    message: messageOf(issue).replace(/, received undefined$/, ', and it is missing'),
  }
}

/**
 * Returns the message of an issue. For a union, it joins the messages of the options, because zod
 * itself reports only "Invalid input".
 */
function messageOf({ message, ...issue }: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return message
  return [...new Set(issue.errors.flatMap(([first]) => first?.message ?? []))].join('; or ')
}
