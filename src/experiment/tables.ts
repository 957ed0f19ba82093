import type { z } from 'zod'
import type { Column, ColumnType, TableSchema } from '../table/schema.js'
import { ABSENT_FIELDS } from './absent.js'
import { columnsOf, UnstorableFieldError } from './columns.js'
import { ExperimentInvalidError } from './errors.js'
import type { Experiment } from './experiment.js'
import { fileReferenceWithin, isFileReference } from './file-reference.js'
import { fieldNameProblem, fileNameProblem, LONGEST_NAME } from './names.js'
import { type Nullish, nullishFields } from './nullish.js'
import { isOpen, type Schema } from './schema.js'
import { formatValue } from './values.js'

/**
 * The schemas of every table of an experiment's runs. They depend only on the experiment's schemas.
 */
export interface ExperimentTables {
  /** The schema of `specs.pq`: the columns that identify a spec, then the input's fields. */
  readonly specs: TableSchema
  /**
   * The tables in `final/`: always `scalars` and `errors`, `result_file_refs` if the output has
   * files, and the user's tables.
   */
  readonly results: Readonly<Record<string, TableSchema>>
  /**
   * The fields of the input that are in the index of every table: all except lists, objects and
   * JSON.
   */
  readonly indexFields: readonly string[]
  /**
   * The fields of the input, and those within them, that may be absent and may also be null;
   * `undefined` if there are none.
   */
  readonly nullishFields: Nullish | undefined
  /** The fields of the input that are files. */
  readonly inputFiles: readonly string[]
  readonly outputFiles: readonly string[]
}

type Schemas = Pick<Experiment, 'name' | 'input' | 'output' | 'tables'>

const STRING: ColumnType = { kind: 'string' }
const INT64: ColumnType = { kind: 'int64' }

/** The columns that identify a spec. They come first in every index. */
const SPEC_KEYS: readonly Column[] = [
  { name: 'experiment_id', type: STRING },
  { name: 'sort_index', type: INT64 },
  { name: 'workflow_run_id', type: STRING },
  { name: 'root_workflow_run_id', type: STRING },
]
/** A column for the settings of Python Scythe. This package always writes null. */
const STORAGE_SETTINGS: Column = { name: 'storage_settings', type: STRING }
/** The number of a row among the rows of one spec, in a user's table. */
export const SORT_SUBINDEX: Column = { name: 'sort_subindex', type: INT64 }

/** The columns of a spec's error. Other columns identify the spec. */
export const ERROR_COLUMNS: readonly Column[] = [
  { name: 'error_code', type: STRING },
  { name: 'error_name', type: STRING },
  { name: 'error_message', type: STRING },
  { name: 'error_stack', type: STRING },
  { name: 'error_attempts', type: INT64 },
  { name: 'error_worker', type: STRING },
  { name: 'error_seconds', type: { kind: 'double' } },
]

const PLACE_NAMES = new Set([...SPEC_KEYS, STORAGE_SETTINGS].map(({ name }) => name))
const RESERVED_FIELDS = new Set(
  [...SPEC_KEYS, STORAGE_SETTINGS, SORT_SUBINDEX, ...ERROR_COLUMNS].map(({ name }) => name),
)
const RESERVED_INPUT_FIELDS = new Set([...RESERVED_FIELDS, ABSENT_FIELDS.name])
const RESERVED_OUTPUT_FIELDS = new Set([...RESERVED_FIELDS, 'tables', 'dataframes'])
const RESERVED_TABLES = new Set(['scalars', 'errors', 'result_file_refs'])
/** The pattern of a table's name, which becomes a file name. */
const TABLE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/

const known = new WeakMap<Schemas, ExperimentTables>()

/**
 * Returns the tables of an experiment. Throws `ExperimentInvalidError` if a schema cannot become
 * columns or a name is taken.
 */
export function experimentTables(experiment: Schemas): ExperimentTables {
  const tables = known.get(experiment) ?? compileTables(experiment)
  known.set(experiment, tables)
  return tables
}

/** Returns the columns of `specs.pq` that describe a spec, without those that identify it. */
export function specColumns({ specs }: Pick<ExperimentTables, 'specs'>): Column[] {
  return specs.columns.filter(({ name }) => !PLACE_NAMES.has(name))
}

function compileTables({ name: experiment, input, output, tables }: Schemas): ExperimentTables {
  const specs = objectColumns(experiment, 'input', input, RESERVED_INPUT_FIELDS)
  const nullish = nullishFields(input, specs.columns)
  const absent = nullish ? [ABSENT_FIELDS] : []
  const outputs = objectColumns(experiment, 'output', output, RESERVED_OUTPUT_FIELDS)
  const inIndex = specs.columns.filter(isIndexable)
  const index = [...SPEC_KEYS, ...inIndex]

  const table = (columns: readonly Column[], option: string, extra: readonly Column[] = []): TableSchema => {
    const taken = columns.find(({ name }) => inIndex.some((field) => field.name === name))
    if (taken) {
      throw new ExperimentInvalidError(
        experiment,
        `${option}.${taken.name}`,
        `the field "${taken.name}" of ${option} is a field of the input too, which is a column of every table: rename one of them.`,
      )
    }
    const all = [...index, ...extra]
    return { columns: [...columns, ...all], index: all.map(({ name }) => name) }
  }

  const isFile = ({ name }: Column) => outputs.files.includes(name)
  const scalars = outputs.columns.filter((column) => !isFile(column))
  const results: Record<string, TableSchema> = Object.assign(Object.create(null), {
    scalars: table(scalars, 'output'),
    errors: table(ERROR_COLUMNS, 'errors'),
  })
  if (outputs.files.length > 0) results.result_file_refs = table(outputs.columns.filter(isFile), 'output')
  for (const [name, row] of Object.entries(tables)) {
    checkTableName(experiment, name)
    const option = `tables.${name}`
    const { columns, files } = objectColumns(experiment, option, row, RESERVED_FIELDS)
    if (files[0]) throw misplacedFile(experiment, option, files[0])
    results[name] = table(columns, option, [SORT_SUBINDEX])
  }

  return {
    specs: { columns: [...SPEC_KEYS, STORAGE_SETTINGS, ...absent, ...specs.columns], index: [] },
    results,
    indexFields: inIndex.map(({ name }) => name),
    nullishFields: nullish,
    inputFiles: specs.files,
    outputFiles: outputs.files,
  }
}

/** Returns the columns of one schema, and the fields that are files. */
function objectColumns(
  experiment: string,
  option: string,
  object: z.core.$ZodObject,
  reserved: ReadonlySet<string>,
): { columns: Column[]; files: string[] } {
  const fail = (field: string, problem: string) =>
    new ExperimentInvalidError(
      experiment,
      `${option}.${field}`,
      `the field ${formatValue(field)} of ${option} ${problem}.`,
    )

  const files: string[] = []
  for (const [name, field] of Object.entries(object._zod.def.shape)) {
    if (reserved.has(name)) throw fail(name, 'has a name that Scythe uses itself: rename it')
    if (isFileReference(field as Schema)) files.push(name)
    const expected = files.includes(name) ? fileNameProblem(name) : fieldNameProblem(name)
    if (expected) throw fail(name, `is expected to be ${expected}: rename it`)
    const misplaced = fileReferenceWithin(field as Schema, name)
    if (misplaced && !files.includes(name)) throw misplacedFile(experiment, option, misplaced)
  }
  if (isOpen(object) && isTyped(object._zod.def.catchall as Schema)) {
    throw new ExperimentInvalidError(
      experiment,
      option,
      `${option} has a catchall, whose fields have no columns: put them into one field, as a z.record().`,
    )
  }
  try {
    return { columns: columnsOf(object), files }
  } catch (error) {
    if (error instanceof UnstorableFieldError) throw fail(error.path, error.problem)
    throw error
  }
}

function isTyped({ _zod: { def } }: Schema): boolean {
  return def.type !== 'unknown' && def.type !== 'any'
}

function isIndexable({ type: { kind } }: Column): boolean {
  return kind !== 'list' && kind !== 'struct' && kind !== 'json'
}

function misplacedFile(experiment: string, option: string, path: string): ExperimentInvalidError {
  return new ExperimentInvalidError(
    experiment,
    `${option}.${path}`,
    `the field "${path}" of ${option} is a fileReference(), which must be a field of the input or the output itself: move it there.`,
  )
}

function checkTableName(experiment: string, name: string): void {
  const option = `tables.${name}`
  if (RESERVED_TABLES.has(name)) {
    throw new ExperimentInvalidError(
      experiment,
      option,
      `the table "${name}" has a name that Scythe uses itself: rename it.`,
    )
  }
  if (!TABLE_NAME.test(name) || fileNameProblem(name)) {
    throw new ExperimentInvalidError(
      experiment,
      option,
      `expected the name of a table to be letters, digits, "_" and "-" only, at most ${LONGEST_NAME} of them, as it names a file, got ${formatValue(name)}.`,
    )
  }
}
