import type { z } from 'zod'
import { SamplingInvalidError } from './errors.js'
import { randomNumbers, shuffled } from './random.js'
import { type Pick, type Range, rangePick, rangesOf } from './ranges.js'
import { SOBOL_DIMENSIONS, SOBOL_POINTS, sobolPoints } from './sobol.js'

/**
 * The sampling method. `sobol`: a Sobol sequence, which has no seed. `lhs`: a Latin hypercube.
 * `random`: independent uniform values.
 */
export type SampleMethod = 'sobol' | 'lhs' | 'random'

/** The options of `sample`. */
export interface SampleOptions {
  readonly method: SampleMethod
  /** The number of specs. */
  readonly count: number
  /** The seed. Another seed produces other specs, except with `sobol`. Default: 0. */
  readonly seed?: number
}

/**
 * Returns specs that are spread over the ranges of fields, lazily. Equal options produce equal
 * specs.
 *
 * @example
 * ```ts
 * const input = z.object({ rValue: z.number().min(1).max(5), city: z.enum(['denver', 'tucson']) })
 * const specs = sample(input, { method: 'sobol', count: 1024 })
 * ```
 *
 * @param input An input schema, whose ranges are those of `.min()` and `.max()`, enums and
 * booleans; or ranges by field.
 * @throws `SAMPLING_INVALID` if a field has no range, or an option has an invalid value.
 */
export function sample(
  input: z.ZodObject | Readonly<Record<string, Range>>,
  { method, count, seed = 0 }: SampleOptions,
): Iterable<Record<string, unknown>> {
  // Another copy of zod has other classes, so `instanceof` does not work.
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

/**
 * Yields `count` points. If each dimension is divided into `count` equal parts, each part contains
 * exactly one point.
 */
function* latinHypercube(dimensions: number, count: number, seed: number): Generator<number[]> {
  const random = randomNumbers(seed)
  const orders = Array.from({ length: dimensions }, () => shuffled(count, random))
  for (let i = 0; i < count; i++) yield orders.map((order) => (order[i]! + random()) / count)
}

function check(option: string, value: number, least: number) {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new SamplingInvalidError(option, `has to be a whole number of ${least} or more, got ${value}.`)
}
