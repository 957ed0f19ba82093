import type { z } from 'zod'
import { type Schema, unwrap } from '../schema.js'
import { SamplingInvalidError } from './errors.js'

/** The range of a field: numbers between two bounds, or a list of values. */
export type Range =
  | { readonly min: number; readonly max: number; readonly integer?: boolean }
  | { readonly values: readonly unknown[] }

/** Converts a number from 0 (inclusive) to 1 (exclusive) into a value of the range. */
export type Pick = (share: number) => unknown

/**
 * Returns the ranges of an input's fields: those of numbers from `.min()` and `.max()`, those of
 * enums, literals and booleans from their values. A field without a range is left out if it may be
 * absent. Throws `SamplingInvalidError` if a required field has no range.
 */
export function rangesOf(input: z.ZodObject): Map<string, Pick> {
  const picks = new Map<string, Pick>()
  for (const [name, schema] of Object.entries(input.shape)) {
    const pick = pickOf(schema as Schema)
    if (pick) picks.set(name, pick)
    else if ((schema as Schema)._zod.optin === undefined) {
      const problem = 'has no range to take values from: give its schema a .min() and a .max(), or make it an enum.'
      throw new SamplingInvalidError(`field ${name}`, problem)
    }
  }
  return picks
}

/**
 * Returns a function that picks values from a range. Throws `SamplingInvalidError` if the range is
 * invalid.
 */
export function rangePick(name: string, range: Range): Pick {
  if ('values' in range) {
    if (range.values.length > 0) return pickValue(range.values)
    throw new SamplingInvalidError(`field ${name}`, 'has no values.')
  }
  const { min, max, integer = false } = range
  if (Number.isFinite(min) && Number.isFinite(max) && min <= max) return pickNumber({ min, max, integer })
  throw new SamplingInvalidError(`field ${name}`, `has no range from ${min} to ${max}.`)
}

function pickOf(schema: Schema): Pick | undefined {
  const { def } = schema._zod
  switch (def.type) {
    case 'number':
      return pickFrom(schema as z.core.$ZodNumber)
    case 'enum':
    case 'literal':
      return pickValue([...(schema._zod.values ?? [])])
    case 'boolean':
      return pickValue([false, true])
    case 'pipe':
      return pickOf(def.in as Schema)
    default: {
      const inner = unwrap(schema)
      return inner && pickOf(inner)
    }
  }
}

interface Bounds {
  readonly min: number
  readonly max: number
  readonly integer: boolean
  /** Whether the bounds themselves are excluded. */
  readonly aboveMin?: boolean
  readonly belowMax?: boolean
}

function pickFrom({ _zod: { def } }: z.core.$ZodNumber): Pick | undefined {
  let bounds: Bounds = { min: -Infinity, max: Infinity, integer: 'format' in def }
  for (const { _zod: check } of def.checks ?? []) {
    const { check: kind, value, inclusive } = check.def as { check: string; value?: unknown; inclusive?: boolean }
    if (kind === 'number_format') bounds = { ...bounds, integer: true }
    if (kind === 'greater_than' && Number(value) >= bounds.min)
      bounds = { ...bounds, min: Number(value), aboveMin: !inclusive }
    if (kind === 'less_than' && Number(value) <= bounds.max)
      bounds = { ...bounds, max: Number(value), belowMax: !inclusive }
  }
  return Number.isFinite(bounds.min) && Number.isFinite(bounds.max) ? pickNumber(bounds) : undefined
}

/** The smallest share greater than 0. */
const LEAST = 2 ** -53

function pickNumber({ min, max, integer, aboveMin = false, belowMax = false }: Bounds): Pick {
  if (integer) {
    const first = aboveMin ? Math.floor(min) + 1 : Math.ceil(min)
    const count = (belowMax ? Math.ceil(max) - 1 : Math.floor(max)) - first + 1
    return (share) => first + Math.floor(share * count)
  }
  const width = max - min
  return (share) => {
    const value = min + Math.max(share, aboveMin ? LEAST : 0) * width
    // Rounding may produce an excluded bound.
    return (belowMax && value >= max) || (aboveMin && value <= min) ? min + width / 2 : Math.min(value, max)
  }
}

function pickValue(values: readonly unknown[]): Pick {
  return (share) => values[Math.floor(share * values.length)]
}
