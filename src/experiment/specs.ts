import { nearest } from '../settings/nearest.js'
import type { SpecProblem } from './errors.js'
import type { Experiment } from './experiment.js'
import { objectParser, type Problem } from './parse.js'
import { isOpen } from './schema.js'

export type { SpecProblem }

export type Spec = Record<string, unknown>

export type ParsedSpec = { readonly spec: Spec } | { readonly problems: readonly SpecProblem[] }

const NONE: readonly Problem[] = []

/**
 * Checks specs, and gives them as the input schema makes them: defaults filled in, transforms done. A field that the input does
 * not have is a problem, since it is most likely misspelt, unless the input is open (`z.looseObject`): then it is left out.
 */
export function specParser(experiment: Experiment): (value: unknown, row: number) => ParsedSpec {
  const { name, input } = experiment
  const parse = objectParser(input, name, 'input')
  const unknownFields = isOpen(input) ? () => NONE : unknownFieldsCheck(Object.keys(input.shape))
  return (value, row) => {
    const parsed = parse(value)
    const unknown = unknownFields(value)
    if ('value' in parsed && unknown.length === 0) return { spec: parsed.value }
    const misfits = 'value' in parsed ? NONE : parsed.problems
    // Of a spec with unknown fields, a strict schema says as a whole what is said here field by field.
    const told = unknown.length === 0 ? misfits : [...unknown, ...misfits.filter(({ field }) => field !== '')]
    return { problems: told.map((problem) => ({ row, ...problem })) }
  }
}

function unknownFieldsCheck(fields: readonly string[]): (value: unknown) => readonly Problem[] {
  const known = new Set(fields)
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return NONE
    let problems = NONE
    for (const field in value) {
      if (known.has(field)) continue
      const meant = nearest(
        field,
        fields.filter((name) => !(name in value)),
      )
      const message = meant
        ? `Unknown field; did you mean ${meant}?`
        : 'Unknown field; remove it, or make the input a z.looseObject()'
      problems = [...problems, { field, value: (value as Spec)[field], message }]
    }
    return problems
  }
}
