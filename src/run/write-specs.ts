import { InvalidSpecsError } from '../experiment/errors.js'
import type { Experiment } from '../experiment/experiment.js'
import { type SpecProblem, specParser } from '../experiment/specs.js'
import { experimentTables } from '../experiment/tables.js'
import { SPECS_KEY } from '../scatter/allocation.js'
import type { Store } from '../store/store.js'
import { createTableWriter } from '../table/writer.js'
import type { Artifacts } from './artifacts.js'

export type Specs = Iterable<unknown> | AsyncIterable<unknown>

/** Rows in a row group of `specs.pq`: what a leaf reads at least. */
const ROW_GROUP = 10_000
/** Problems that an error shows. */
const SHOWN = 10

/**
 * Validates specs as they come and streams them into `specs.pq`, in bounded memory. Gives their count. Specs that do not
 * fit are counted to the end, and then none is written: throws `InvalidSpecsError`.
 */
export async function writeSpecs(
  folder: Store,
  experimentId: string,
  experiment: Experiment,
  specs: Specs,
  artifacts: Artifacts,
): Promise<number> {
  const { specs: schema, inputFiles } = experimentTables(experiment)
  const parse = specParser(experiment)
  const fields = schema.columns.map(({ name }) => name).filter((name) => name in experiment.input.shape)
  const problems: SpecProblem[] = []
  let invalid = 0
  let row = 0

  async function* pieces() {
    const writer = createTableWriter(schema, { rowGroupSize: ROW_GROUP })
    let chunk = newChunk(fields)
    let first = 0
    async function* flush() {
      const rows = row - first
      if (invalid === 0 && rows > 0) {
        await resolveFiles(chunk, inputFiles, artifacts, first)
        yield* writer.append({ ...constants(experimentId, first, rows), ...chunk }, rows)
      }
      first = row
      chunk = newChunk(fields)
    }
    for await (const batch of inChunks(specs, ROW_GROUP)) {
      for (const value of batch) {
        const parsed = parse(value, row)
        if ('problems' in parsed) {
          invalid += 1
          if (problems.length < SHOWN) problems.push(...parsed.problems.slice(0, SHOWN - problems.length))
        } else if (invalid === 0) for (const field of fields) chunk[field]!.push(parsed.spec[field])
        row += 1
      }
      yield* flush()
    }
    if (invalid > 0) throw new InvalidSpecsError(experiment.name, problems, invalid)
    yield* writer.finish()
  }

  await folder.compose(SPECS_KEY, pieces())
  return row
}

export function isIterable(specs: unknown): specs is Specs {
  return typeof specs === 'object' && specs !== null && (Symbol.iterator in specs || Symbol.asyncIterator in specs)
}

function newChunk(fields: readonly string[]): Record<string, unknown[]> {
  return Object.fromEntries(fields.map((field) => [field, []]))
}

function constants(experimentId: string, first: number, rows: number): Record<string, unknown[]> {
  const nothing = new Array(rows).fill(null)
  return {
    experiment_id: new Array(rows).fill(experimentId),
    sort_index: Array.from({ length: rows }, (_, index) => first + index),
    workflow_run_id: nothing,
    root_workflow_run_id: nothing,
    storage_settings: nothing,
  }
}

/** Puts addresses in the place of local paths. */
async function resolveFiles(
  chunk: Record<string, unknown[]>,
  fields: readonly string[],
  artifacts: Artifacts,
  first: number,
) {
  for (const field of fields) {
    const values = chunk[field]!
    for (let index = 0; index < values.length; index++) {
      const file = values[index]
      if (typeof file !== 'string') continue
      const address = artifacts.address(first + index, field, file)
      values[index] = typeof address === 'string' ? address : await address
    }
  }
}

/** Arrays in place of single values: waiting for each of a million would be most of the work. */
async function* inChunks(values: Specs, size: number): AsyncGenerator<unknown[]> {
  let chunk: unknown[] = []
  if (Symbol.iterator in values) {
    for (const value of values) {
      chunk.push(value)
      if (chunk.length === size) {
        yield chunk
        chunk = []
      }
    }
  } else {
    for await (const value of values) {
      chunk.push(value)
      if (chunk.length === size) {
        yield chunk
        chunk = []
      }
    }
  }
  if (chunk.length > 0) yield chunk
}
