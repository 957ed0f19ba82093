import { SamplingInvalidError } from './errors.js'

/** Numbers in equal steps, including both ends: from 1 to 2 by 0.5 are 1, 1.5 and 2. */
export interface Steps {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** The values of a field: a list of values, or numbers in steps. */
export type Axis = readonly unknown[] | Steps

/**
 * Returns one spec for each combination of values, lazily. The values of the last field change
 * fastest. Decimals are exact: from 0 to 1 by 0.1 are 11 values, and one of them is 0.3.
 *
 * @example
 * ```ts
 * const specs = grid({ rValue: { from: 1, to: 5, step: 0.5 }, city: ['denver', 'tucson'] })
 * console.log([...specs].length) // 18
 * ```
 *
 * @throws `SAMPLING_INVALID` if a field has no values, or steps do not lead from one end to the
 * other.
 */
export function grid(axes: Readonly<Record<string, Axis>>): Iterable<Record<string, unknown>> {
  const names = Object.keys(axes)
  const lists = names.map((name) => axisValues(name, axes[name]!))
  if (names.length === 0) throw new SamplingInvalidError('the grid', 'has no fields.')
  return { [Symbol.iterator]: () => combinations(names, lists) }
}

interface AxisValues {
  readonly length: number
  at(index: number): unknown
}

function* combinations(names: readonly string[], lists: readonly AxisValues[]) {
  const places = lists.map(() => 0)
  for (;;) {
    yield Object.fromEntries(names.map((name, i) => [name, lists[i]!.at(places[i]!)]))
    let last = places.length - 1
    while (last >= 0 && places[last] === lists[last]!.length - 1) places[last--] = 0
    if (last < 0) return
    places[last]! += 1
  }
}

function axisValues(name: string, axis: Axis): AxisValues {
  if (!('step' in axis)) {
    if (axis.length === 0) throw new SamplingInvalidError(`field ${name}`, 'has no values.')
    return axis as AxisValues
  }
  const { from, to, step } = axis
  const numbers = [from, to, step]
  if (!numbers.every(Number.isFinite)) {
    throw new SamplingInvalidError(`field ${name}`, `has steps that are no numbers: ${numbers.join(':')}.`)
  }
  const digits = Math.max(...numbers.map(decimals))
  const [first, last, by] = numbers.map((number) => scaled(number, digits)) as [bigint, bigint, bigint]
  if (by === 0n || (last - first) % by !== 0n || (last - first) / by < 0n) {
    const problem = `cannot go from ${from} to ${to} in steps of ${step}: they would not end at ${to}.`
    throw new SamplingInvalidError(`field ${name}`, problem)
  }
  return {
    length: Number((last - first) / by) + 1,
    at: (index) => Number(`${first + by * BigInt(index)}e-${digits}`),
  }
}

/** Returns the number of decimals in the shortest notation of a number. */
function decimals(number: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(number))!
  return Math.max(0, fraction.length - Number(exponent))
}

function scaled(number: number, digits: number): bigint {
  const [, whole, fraction = '', exponent = '0'] = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(number))!
  return BigInt(whole! + fraction) * 10n ** BigInt(digits - fraction.length + Number(exponent))
}
