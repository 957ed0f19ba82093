import { nearest } from '../settings/nearest.js'
import { legible } from '../table/well-formed.js'
import type { SpecProblem } from './errors.js'
import type { Experiment } from './experiment.js'
import { objectParser } from './parse.js'

export type { SpecProblem }

/** A spec whose values are in the form that their columns store. */
export type Spec = Record<string, unknown>

export type ParsedSpec = { readonly spec: Spec } | { readonly problems: readonly SpecProblem[] }

/**
 * Returns a function that checks a spec and returns it as the input schema transforms it: defaults
 * are filled in, and transforms are done. A field that the input does not have is a problem,
 * because it is most likely misspelt. If the input is open (`z.looseObject`), the field is left out
 * instead.
 */
export function specParser(experiment: Experiment): (value: unknown, row: number) => ParsedSpec {
  const { name, input } = experiment
  const parse = objectParser(input, name, 'input')
  const fields = Object.keys(input.shape)
  return (value, row) => {
    const parsed = parse(value)
    const { unknown } = parsed
    if ('value' in parsed && unknown.length === 0) return { spec: parsed.value }
    const misfits = 'value' in parsed ? [] : parsed.problems
    if (unknown.length === 0) return { problems: misfits.map((problem) => ({ row, ...problem })) }
    const absent = fields.filter((field) => !Object.hasOwn(value as object, field))
    const strangers = unknown.map(({ field, value }) => ({
      field: legible(field),
      value,
      message: unknownText(field, absent),
    }))
    // A strict schema reports unknown fields in one issue about the whole spec; here they are
    // reported field by field.
    const told = [...strangers, ...misfits.filter(({ field }) => field !== '')]
    return { problems: told.map((problem) => ({ row, ...problem })) }
  }
}

function unknownText(field: string, absent: readonly string[]): string {
  const meant = nearest(field, absent)
  return meant
    ? `Unknown field; did you mean ${meant}?`
    : 'Unknown field; remove it, or use --extra ignore or keep (a z.looseObject() in a script)'
}
