import { ScytheError } from '../errors.js'
import { brief } from '../settings/printable.js'
import { formatValue } from './values.js'

/**
 * `EXPERIMENT_INVALID`: an experiment cannot be registered, because an option, a schema or a name
 * is invalid.
 */
export class ExperimentInvalidError extends ScytheError<'EXPERIMENT_INVALID'> {
  constructor(
    /** The name of the experiment, or of its function; `undefined` if neither exists. */
    readonly experiment: string | undefined,
    /** The option of `register`, with the field if there is one: `retries`, `input.weather`. */
    readonly option: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('EXPERIMENT_INVALID', `Experiment ${experiment ?? '(without a name)'}: ${problem}`, options)
  }
}

/** `EXPERIMENT_DUPLICATE`: two experiments would have one name on the engine. */
export class ExperimentDuplicateError extends ScytheError<'EXPERIMENT_DUPLICATE'> {
  constructor(
    readonly experiment: string,
    /** The URLs of the two modules that registered the experiments: the earlier one first. */
    readonly modules: readonly [string, string],
    message: string,
  ) {
    super('EXPERIMENT_DUPLICATE', message)
  }
}

/** `EXPERIMENT_UNKNOWN`: the registry does not have the requested experiment. */
export class ExperimentUnknownError extends ScytheError<'EXPERIMENT_UNKNOWN'> {
  constructor(
    readonly experiment: string,
    readonly known: readonly string[],
  ) {
    const registered = known.length > 0 ? known.join(', ') : 'none'
    super(
      'EXPERIMENT_UNKNOWN',
      `Experiment ${experiment} is not registered (registered: ${registered}). Import the module that registers it.`,
    )
  }
}

/**
 * A problem of one spec. `field` is a path such as `wall.layers[2]`, or empty if the problem
 * concerns the whole spec.
 */
export interface SpecProblem {
  /** The row of the spec, from 0. */
  readonly row: number
  readonly field: string
  readonly value: unknown
  readonly message: string
  /** The place of the spec in its source, such as `line 5 of a.csv`. Default: the row. */
  readonly place?: string
}

/** A problem that many specs have. */
export interface SpecProblemGroup {
  /** The path of the field, without the positions in lists: `wall.layers[]`. */
  readonly field: string
  readonly message: string
  /** The number of specs that have the problem. */
  readonly rows: number
  readonly first: SpecProblem
}

/** `SPECS_INVALID`: some specs do not fit the input schema. Nothing was started. */
export class SpecsInvalidError extends ScytheError<'SPECS_INVALID'> {
  constructor(
    readonly experiment: string,
    /** The first problems. */
    readonly problems: readonly SpecProblem[],
    /** The number of specs that do not fit. */
    readonly count: number,
    /** Every problem, each listed once. If there are very many, only the first ones. */
    readonly groups: readonly SpecProblemGroup[] = problems.map((first) => ({ ...first, rows: 1, first })),
  ) {
    const lines = groups.slice(0, SHOWN_GROUPS).map((group) => `  ${groupText(group)}`)
    if (groups.length > lines.length) lines.push(`  … and ${groups.length - lines.length} more`)
    const specs = count === 1 ? '1 spec does' : `${count} specs do`
    super('SPECS_INVALID', `${specs} not fit the input of ${experiment}; nothing was started.\n${lines.join('\n')}`)
  }
}

const SHOWN_GROUPS = 10

function groupText({ field, message, rows, first }: SpecProblemGroup): string {
  const { row, place = `row ${row}`, value } = first
  const problem = `${message}${value === undefined ? '' : ` (got ${formatValue(value)})`}`
  if (rows === 1) return `${first.field === '' ? place : `${place}, field ${brief(first.field)}`}: ${problem}`
  return `${field === '' ? '' : `field ${brief(field)}: `}${rows} rows, first in ${place}: ${problem}`
}
