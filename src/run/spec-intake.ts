import { type SpecProblem, SpecsInvalidError } from '../experiment/errors.js'
import type { Experiment } from '../experiment/experiment.js'
import { createExtraColumns, type ExtraColumns } from '../experiment/extra.js'
import { createProblemGroups } from '../experiment/problem-groups.js'
import { type Spec, specParser } from '../experiment/specs.js'
import { experimentTables } from '../experiment/tables.js'
import { SpecsMissingError } from './errors.js'
import { placeOf } from './spec-place.js'

export type Specs = Iterable<unknown> | AsyncIterable<unknown>

/**
 * Number of rows written at once: a row group of `specs.pq`, which is the least that a leaf reads.
 */
export const ROWS_AT_ONCE = 10_000
/** Number of problems that an error lists one by one. */
const MOST_PROBLEMS = 10

/** Checks specs as they come, and counts all specs that do not fit. */
export interface SpecIntake {
  /** Number of specs so far. */
  readonly rows: number
  /** Whether all specs so far fit. */
  readonly fits: boolean
  /** The columns that are kept beside the specs. */
  readonly extra: ExtraColumns
  /** Returns the spec as the input schema outputs it, or `undefined` if it does not fit. */
  take(value: unknown): Spec | undefined
  /** Throws `SpecsInvalidError` if a spec did not fit. */
  check(): void
}

export function createSpecIntake(experiment: Experiment, specs: Specs): SpecIntake {
  const parse = specParser(experiment)
  const extra = createExtraColumns(experimentTables(experiment))
  const problems: SpecProblem[] = []
  const groups = createProblemGroups()
  let invalid = 0
  let rows = 0
  return {
    get rows() {
      return rows
    },
    get fits() {
      return invalid === 0
    },
    extra,
    take(value) {
      const parsed = parse(value, rows)
      const beside = extra.take(value, rows)
      if ('problems' in parsed || beside.length > 0) {
        invalid += 1
        const place = placeOf(specs, rows)
        const all = 'problems' in parsed ? [...parsed.problems, ...beside] : beside
        const found = all.map((problem) => ({ ...problem, place }))
        problems.push(...found.slice(0, MOST_PROBLEMS - problems.length))
        groups.add(found)
      }
      rows += 1
      return 'spec' in parsed && beside.length === 0 ? parsed.spec : undefined
    },
    check() {
      if (invalid > 0) throw new SpecsInvalidError(experiment.name, problems, invalid, groups.list())
    },
  }
}

/**
 * Checks specs without a run. Resolves with their number, and with the first `shown` specs in the
 * form in which they would be stored. Rejects with the errors of allocating them.
 */
export async function checkSpecs(
  experiment: Experiment,
  specs: Specs,
  shown: number,
): Promise<{ readonly specs: number; readonly first: readonly Spec[] }> {
  const intake = createSpecIntake(experiment, specs)
  const first: Spec[] = []
  for await (const value of specs) {
    const spec = intake.take(value)
    if (spec && first.length < shown) first.push(spec)
    // The types of the columns beside the specs are settled and their values dropped, as when specs
    // are written.
    if (intake.rows % ROWS_AT_ONCE === 0) intake.extra.flush()
  }
  intake.check()
  if (intake.rows === 0) throw new SpecsMissingError(experiment.name)
  return { specs: intake.rows, first }
}
