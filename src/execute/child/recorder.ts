import type { Output } from '../../experiment/output.js'
import type { SpecError } from '../../experiment/spec-error.js'
import { type ExperimentTables, SORT_SUBINDEX } from '../../experiment/tables.js'
import { uniteNames } from '../../experiment/undeclared.js'
import { hideSecrets, withoutSecrets } from '../../settings/secrets.js'
import { JsonText } from '../../table/json-text.js'
import type { TableSchema } from '../../table/schema.js'
import { legible } from '../../table/well-formed.js'
import { encodeTable } from '../../table/writer.js'
import type { Batch, FinishedRows } from '../executor.js'
import type { SpecPlace } from './spec-rows.js'

/** Collects the rows of finished specs until they are sent. Specs are recorded in order. */
export interface Recorder {
  /** Number of recorded specs that were not taken yet. */
  readonly specs: number
  /** Whether there are enough rows to send. */
  readonly isFull: boolean
  /** Records a result. `uris` are the addresses of the output's files. */
  result(place: SpecPlace, output: Output, uris: Readonly<Record<string, string>>, files: FinishedRows['files']): void
  error(place: SpecPlace, error: SpecError): void
  /** Returns the recorded rows, encoded, and empties the recorder. */
  take(): FinishedRows
}

const MAX_SPECS = 10_000
const MAX_BYTES = 8_000_000

export function createRecorder(batch: Batch, { results: schemas, indexFields }: ExperimentTables): Recorder {
  const tables = Object.entries(schemas).map(([name, schema]) => createTableRows(name, schema, batch, indexFields))
  const byName = new Map(tables.map((table) => [table.name, table]))
  const scalars = byName.get('scalars')!
  const errors = byName.get('errors')!
  const fileRefs = byName.get('result_file_refs')
  let files: FinishedRows['files'][number][] = []
  let undeclared: readonly string[] = []
  let start = -1
  let end = -1

  function count({ sortIndex }: SpecPlace): void {
    if (start < 0) start = sortIndex
    end = sortIndex + 1
  }

  return {
    get specs() {
      return scalars.rows + errors.rows
    },
    get isFull() {
      return scalars.rows + errors.rows >= MAX_SPECS || tables.reduce((sum, { bytes }) => sum + bytes, 0) >= MAX_BYTES
    },
    result(place, output, uris, finished) {
      count(place)
      scalars.add(place, output.scalars)
      fileRefs?.add(place, uris)
      files.push(...finished)
      if (output.undeclared.length > 0) undeclared = uniteNames(undeclared, output.undeclared)
      for (const name in output.tables) {
        const table = byName.get(name)!
        const rows = output.tables[name]!
        for (let i = 0; i < rows.length; i++) table.add(place, rows[i]!, i)
      }
    },
    error(place, error) {
      count(place)
      errors.add(place, {
        error_code: error.code,
        error_name: legible(error.name),
        error_message: hideSecrets(legible(error.message)),
        error_stack: error.stack && hideSecrets(legible(error.stack)),
        error_attempts: error.attempts,
        error_worker: legible(error.worker),
        error_seconds: error.seconds,
      })
    },
    take() {
      const counts = { start, end, results: scalars.rows, errors: errors.rows }
      const parts: Record<string, FinishedRows['parts'][string]> = Object.create(null)
      for (const table of tables) if (table.rows > 0) parts[table.name] = { rows: table.rows, bytes: table.take() }
      const taken = { ...counts, parts, files, ...(undeclared.length > 0 && { undeclared }) }
      files = []
      undeclared = []
      start = -1
      return taken
    },
  }
}

/**
 * Collects the rows of one table, column by column. Values and columns are in objects without
 * prototypes, which user code cannot reach.
 */
function createTableRows(name: string, schema: TableSchema, batch: Batch, indexFields: readonly string[]) {
  const constants = [
    ['experiment_id', batch.experimentId],
    ['workflow_run_id', batch.workflowRunId],
    ['root_workflow_run_id', batch.rootWorkflowRunId],
  ] as const
  const isIndex = new Set(schema.index)
  const own = schema.columns.filter((column) => !isIndex.has(column.name)).map((column) => column.name)
  /**
   * Columns of values, in the order of `own`; `fields` has the spec's fields, in the order of
   * `indexFields`.
   */
  let sortIndices: number[] = []
  let subindices: number[] = []
  let values: unknown[][] = []
  let fields: unknown[][] = []

  function clear(): void {
    sortIndices = []
    subindices = []
    values = own.map(() => [])
    fields = indexFields.map(() => [])
    table.rows = 0
    table.bytes = 0
  }

  function data(): Record<string, unknown[]> {
    const columns: Record<string, unknown[]> = Object.create(null)
    columns.sort_index = sortIndices
    columns.sort_subindex = subindices
    own.forEach((column, i) => {
      columns[column] = values[i]!
    })
    indexFields.forEach((column, i) => {
      columns[column] = fields[i]!
    })
    for (const [column, value] of constants) columns[column] = new Array(table.rows).fill(value)
    return columns
  }

  const table = {
    name,
    rows: 0,
    /** Approximate encoded size of the values, in bytes. */
    bytes: 0,
    add({ sortIndex, columns, row }: SpecPlace, given: Readonly<Record<string, unknown>>, subindex = 0): void {
      table.rows += 1
      table.bytes += 16
      sortIndices.push(sortIndex)
      subindices.push(subindex)
      for (let i = 0; i < own.length; i++) {
        const value = given[own[i]!]
        table.bytes += weigh(value)
        values[i]!.push(value)
      }
      for (let i = 0; i < indexFields.length; i++) fields[i]!.push(withoutSecrets(columns[indexFields[i]!]![row]))
    },
    take(): Uint8Array {
      const { rows } = table
      // As in Python Scythe, rows are numbered only if a spec has several.
      const bytes = encodeTable(batch.single && rows === 1 ? withoutSubindex(schema) : schema, data(), rows)
      clear()
      return bytes
    },
  }
  clear()
  return table
}

function withoutSubindex({ columns, index }: TableSchema): TableSchema {
  const { name } = SORT_SUBINDEX
  return { columns: columns.filter((column) => column.name !== name), index: index.filter((level) => level !== name) }
}

function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value instanceof JsonText) return value.text.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 8
  for (const part of Array.isArray(value) ? value : Object.values(value)) bytes += weigh(part)
  return bytes
}
