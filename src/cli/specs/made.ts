import { rowConverter } from '../../experiment/convert.js'
import type { Experiment } from '../../experiment/experiment.js'
import { type Axis, grid } from '../../experiment/sampling/grid.js'
import { type SampleMethod, sample } from '../../experiment/sampling/sample.js'
import { experimentTables } from '../../experiment/tables.js'
import { nearest } from '../../settings/nearest.js'
import { UsageError } from '../errors.js'

const GRID = "as in --grid 'r_value=1:5:0.5,city=denver|tucson'"
const NUMBER = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?'
const STEPS = new RegExp(`^(${NUMBER}):(${NUMBER}):(${NUMBER})$`, 'i')

/**
 * Returns the specs of `--grid`. The values of a field are divided by `|`, or are numbers in steps,
 * `from:to:step`. Throws `UsageError`.
 */
export function gridSpecs(text: string, experiment: Experiment): Iterable<unknown> {
  const kinds = new Map(experimentTables(experiment).specs.columns.map(({ name, type }) => [name, type.kind]))
  const fields = Object.keys(experiment.input.shape)
  const axes: Record<string, Axis> = Object.create(null)
  // A value may contain a comma.
  for (const part of text.split(/,(?=[^,|=]+=)/)) {
    const [, name, values] = /^\s*([^=]*[^=\s])\s*=(.*)$/s.exec(part) ?? []
    if (name === undefined || values === undefined)
      throw new UsageError(`Expected a name, = and values, ${GRID}, got ${part || 'nothing'}.`)
    if (!fields.includes(name)) throw unknownField(name, fields)
    if (name in axes) throw new UsageError(`--grid has the field ${name} twice.`)
    const isNumber = kinds.get(name) === 'double' || kinds.get(name) === 'int64'
    const steps = isNumber ? STEPS.exec(values.trim()) : null
    axes[name] = steps ? { from: Number(steps[1]), to: Number(steps[2]), step: Number(steps[3]) } : values.split('|')
  }
  const specs = grid(axes)
  const convert = rowConverter(experiment, 'text')
  return { [Symbol.iterator]: () => converted(specs, convert) }
}

function unknownField(name: string, fields: readonly string[]): UsageError {
  const meant = nearest(name, fields)
  return new UsageError(
    `--grid names a field ${name}, which the input does not have. ${meant ? `Did you mean ${meant}?` : `It has ${fields.join(', ')}.`}`,
  )
}

function* converted(specs: Iterable<Record<string, unknown>>, convert: (row: Record<string, unknown>) => unknown) {
  for (const spec of specs) yield convert(spec)
}

/** Returns the specs of `--sample`: a method, and the number of specs. Throws `UsageError`. */
export function sampleSpecs(text: string, seed: string | undefined, { input }: Experiment): Iterable<unknown> {
  const [, method, count] = /^(sobol|lhs|random):(\d+)$/.exec(text.trim()) ?? []
  if (method === undefined)
    throw new UsageError(`Expected --sample to be sobol:1000, lhs:1000 or random:1000, got ${text}.`)
  if (seed !== undefined && !/^\d+$/.test(seed)) {
    throw new UsageError(`Expected --seed to be a whole number of 0 or more, got ${seed}.`)
  }
  return sample(input, { method: method as SampleMethod, count: Number(count), ...(seed && { seed: Number(seed) }) })
}
