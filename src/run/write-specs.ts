import { ABSENT_FIELDS, absentText } from '../experiment/absent.js'
import type { Experiment } from '../experiment/experiment.js'
import { experimentTables } from '../experiment/tables.js'
import { SPECS_KEY } from '../scatter/allocation.js'
import type { Store } from '../store/store.js'
import type { Column } from '../table/schema.js'
import { createTableWriter, type TableWriter } from '../table/writer.js'
import type { Artifacts } from './artifacts.js'
import { createSpecIntake, ROWS_AT_ONCE, type Specs } from './spec-intake.js'
import { placeOf } from './spec-place.js'

/**
 * Validates specs as they come and streams them into `specs.pq`, in bounded memory. Resolves with
 * their number, and with the columns that are kept beside them. If any spec does not fit, the rest
 * are still checked, none is written, and it rejects with `SpecsInvalidError`.
 */
export async function writeSpecs(
  folder: Store,
  experimentId: string,
  experiment: Experiment,
  specs: Specs,
  artifacts: Artifacts,
): Promise<{ readonly count: number; readonly extra: readonly Column[] }> {
  const { specs: schema, inputFiles, nullishFields } = experimentTables(experiment)
  const fields = schema.columns.map(({ name }) => name).filter((name) => Object.hasOwn(experiment.input.shape, name))
  const intake = createSpecIntake(experiment, specs)

  async function* pieces() {
    let writer: TableWriter | undefined
    let lists: unknown[][] = fields.map(() => [])
    let absent: (string | null)[] = []
    let places: string[] = []
    let first = 0
    function open() {
      const columns = [...schema.columns, ...intake.extra.settle()]
      writer ??= createTableWriter({ ...schema, columns }, { rowGroupSize: ROWS_AT_ONCE })
      return writer
    }
    async function* flush() {
      const rows = intake.rows - first
      const beside = intake.extra.flush()
      if (intake.fits && rows > 0) {
        const chunk = constants(experimentId, first, rows)
        fields.forEach((field, i) => {
          chunk[field] = lists[i]!
        })
        if (nullishFields) chunk[ABSENT_FIELDS.name] = absent
        await resolveFiles(chunk, inputFiles, artifacts, (index) => [first + index, places[index]!])
        for (const [name, values] of beside) chunk[name] = [...values]
        yield* open().append(chunk, rows)
      }
      first = intake.rows
      lists = fields.map(() => [])
      absent = []
      places = []
    }
    function take(value: unknown) {
      const spec = intake.take(value)
      if (!spec || !intake.fits) return
      for (let i = 0; i < fields.length; i++) lists[i]!.push(spec[fields[i]!])
      if (nullishFields) absent.push(absentText(nullishFields, spec))
      // The place is known only now, and is needed if a file is missing.
      if (inputFiles.length > 0) places.push(placeOf(specs, intake.rows - 1))
    }
    for await (const _ of takeEach(specs, take, ROWS_AT_ONCE)) yield* flush()
    yield* flush()
    intake.check()
    yield* open().finish()
  }

  await folder.compose(SPECS_KEY, pieces())
  return { count: intake.rows, extra: intake.extra.settle() }
}

export function isIterable(specs: unknown): specs is Specs {
  return typeof specs === 'object' && specs !== null && (Symbol.iterator in specs || Symbol.asyncIterator in specs)
}

function constants(experimentId: string, first: number, rows: number): Record<string, unknown[]> {
  const nothing = new Array(rows).fill(null)
  return Object.assign(Object.create(null), {
    experiment_id: new Array(rows).fill(experimentId),
    sort_index: Array.from({ length: rows }, (_, index) => first + index),
    workflow_run_id: nothing,
    root_workflow_run_id: nothing,
    storage_settings: nothing,
  })
}

/** Replaces local paths by addresses. */
async function resolveFiles(
  chunk: Record<string, unknown[]>,
  fields: readonly string[],
  artifacts: Artifacts,
  whose: (index: number) => readonly [row: number, place: string],
) {
  for (const field of fields) {
    const values = chunk[field]!
    for (let index = 0; index < values.length; index++) {
      const file = values[index]
      if (typeof file !== 'string') continue
      const [row, place] = whose(index)
      const address = artifacts.address(row, field, file, place)
      values[index] = typeof address === 'string' ? address : await address
    }
  }
}

/**
 * Takes every value when it comes, since the next value may be the same object, changed. Pauses
 * after every `size` values: a pause after each of a million would be most of the work.
 */
async function* takeEach(values: Specs, take: (value: unknown) => void, size: number): AsyncGenerator<void> {
  let taken = 0
  if (Symbol.iterator in values) {
    for (const value of values) {
      take(value)
      if (++taken % size === 0) yield
    }
  } else {
    for await (const value of values) {
      take(value)
      if (++taken % size === 0) yield
    }
  }
}
