import { ScytheError } from '../errors.js'
import { brief } from '../settings/printable.js'
import { formatValue } from './values.js'

/** An experiment cannot be registered as it is: an option, a schema or a name is wrong. */
export class ExperimentInvalidError extends ScytheError<'EXPERIMENT_INVALID'> {
  constructor(
    /** The experiment's name, or its function's; `undefined` if it has neither yet. */
    readonly experiment: string | undefined,
    /** The option of `register`, with the field where there is one: `retries`, `input.weather`. */
    readonly option: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('EXPERIMENT_INVALID', `Experiment ${experiment ?? '(without a name)'}: ${problem}`, options)
  }
}

/** Two experiments would have one name on the wire. */
export class ExperimentDuplicateError extends ScytheError<'EXPERIMENT_DUPLICATE'> {
  constructor(
    readonly experiment: string,
    /** URLs of the modules that registered the two: the earlier one first. */
    readonly modules: readonly [string, string],
    message: string,
  ) {
    super('EXPERIMENT_DUPLICATE', message)
  }
}

/** What was asked for is not in the registry. */
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

/** Why one spec does not fit: `field` is a path such as `wall.layers[2]`, empty where the spec as a whole is wrong. */
export interface SpecProblem {
  /** From 0. */
  readonly row: number
  readonly field: string
  readonly value: unknown
  readonly message: string
  /** Where the spec stands as whoever wrote it counts, such as `line 5 of a.csv`. Default: its row. */
  readonly place?: string
}

/** One thing that is wrong with many specs. */
export interface SpecProblemGroup {
  /** Without the places in lists: `wall.layers[]`. */
  readonly field: string
  readonly message: string
  /** Specs that have it. */
  readonly rows: number
  readonly first: SpecProblem
}

/** Specs that do not fit the input schema. Nothing was started. */
export class SpecsInvalidError extends ScytheError<'SPECS_INVALID'> {
  constructor(
    readonly experiment: string,
    /** The first ones. */
    readonly problems: readonly SpecProblem[],
    /** How many specs do not fit. */
    readonly count: number,
    /** All that is wrong, each thing once; the first ones, if there are very many. */
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
