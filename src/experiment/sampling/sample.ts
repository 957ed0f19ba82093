import type { z } from 'zod'
import { SamplingInvalidError } from './errors.js'
import { randomNumbers, shuffled } from './random.js'
import { type Pick, type Range, rangePick, rangesOf } from './ranges.js'
import { SOBOL_DIMENSIONS, SOBOL_POINTS, sobolPoints } from './sobol.js'

/** `sobol`: a Sobol sequence, without chance. `lhs`: a Latin hypercube. `random`: every value by chance. */
export type SampleMethod = 'sobol' | 'lhs' | 'random'

export interface SampleOptions {
  readonly method: SampleMethod
  /** How many specs. */
  readonly count: number
  /** Another seed makes other specs, but of `sobol`. Default: 0. */
  readonly seed?: number
}

/**
 * Returns specs spread over the ranges of fields, one at a time: those of an input schema (`.min()` and `.max()`, enums, booleans), or those
 * that are given. The same options make the same specs. Throws `SamplingInvalidError` if a field has no range.
 *
 * @example
 * sample(z.object({ rValue: z.number().min(1).max(5), city: z.enum(['denver', 'tucson']) }), { method: 'sobol', count: 1024 })
 */
export function sample(
  input: z.ZodObject | Readonly<Record<string, Range>>,
  { method, count, seed = 0 }: SampleOptions,
): Iterable<Record<string, unknown>> {
  // Another copy of zod has other classes.
  const picks = '_zod' in input ? rangesOf(input as z.ZodObject) : givenRanges(input)
  check('count', count, 1)
  check('seed', seed, 0)
  if (picks.size === 0) throw new SamplingInvalidError('the input', 'has no fields with a range.')
  const points = METHODS[method]
  if (!points) throw new SamplingInvalidError('method', `has to be sobol, lhs or random, got ${method}.`)
  if (method === 'sobol' && (picks.size > SOBOL_DIMENSIONS || count > SOBOL_POINTS)) {
    const problem = `has ${SOBOL_DIMENSIONS} fields and ${SOBOL_POINTS} specs at most, got ${picks.size} and ${count}.`
    throw new SamplingInvalidError('a Sobol sequence', problem)
  }
  const fields = [...picks]
  return { [Symbol.iterator]: () => specs(fields, points(fields.length, count, seed), count) }
}

function* specs(fields: readonly [string, Pick][], points: Iterator<number[]>, count: number) {
  for (let made = 0; made < count; made++) {
    const point: number[] = points.next().value
    yield Object.fromEntries(fields.map(([name, pick], i) => [name, pick(point[i]!)]))
  }
}

function givenRanges(ranges: Readonly<Record<string, Range>>): Map<string, Pick> {
  return new Map(Object.entries(ranges).map(([name, range]) => [name, rangePick(name, range)]))
}

type Points = (dimensions: number, count: number, seed: number) => Iterator<number[]>

const METHODS: Readonly<Record<SampleMethod, Points>> = { sobol: sobolPoints, lhs: latinHypercube, random: byChance }

function* byChance(dimensions: number, _count: number, seed: number): Generator<number[]> {
  const random = randomNumbers(seed)
  for (;;) yield Array.from({ length: dimensions }, random)
}

/** Of every dimension each of `count` equal parts has one point, somewhere in it. */
function* latinHypercube(dimensions: number, count: number, seed: number): Generator<number[]> {
  const random = randomNumbers(seed)
  const orders = Array.from({ length: dimensions }, () => shuffled(count, random))
  for (let i = 0; i < count; i++) yield orders.map((order) => (order[i]! + random()) / count)
}

function check(option: string, value: number, least: number) {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new SamplingInvalidError(option, `has to be a whole number of ${least} or more, got ${value}.`)
}
