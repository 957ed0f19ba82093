import type { Output } from '../experiment/output.js'
import { type ExperimentTables, SORT_SUBINDEX } from '../experiment/tables.js'
import { encodeTable } from '../table/encode.js'
import type { TableSchema } from '../table/schema.js'
import type { Batch, FinishedRows } from './pool.js'
import type { SpecError } from './spec-error.js'
import type { SpecPlace } from './spec-rows.js'

/** Rows of finished specs, until they leave the process. Specs are recorded in order. */
export interface Recorder {
  /** Specs recorded and not yet taken. */
  readonly specs: number
  /** Whether so much is here that it should leave. */
  readonly isFull: boolean
  /** `uris` are the addresses of the output's files. */
  result(place: SpecPlace, output: Output, uris: Readonly<Record<string, string>>, files: FinishedRows['files']): void
  error(place: SpecPlace, error: SpecError): void
  /** What was recorded, encoded; the recorder is empty afterwards. */
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
        error_name: error.name,
        error_message: error.message,
        error_stack: error.stack,
        error_attempts: error.attempts,
        error_worker: error.worker,
        error_seconds: error.seconds,
      })
    },
    take() {
      const counts = { start, end, results: scalars.rows, errors: errors.rows }
      const parts: Record<string, FinishedRows['parts'][string]> = {}
      for (const table of tables) if (table.rows > 0) parts[table.name] = { rows: table.rows, bytes: table.take() }
      const taken = { ...counts, parts, files }
      files = []
      start = -1
      return taken
    },
  }
}

/** The rows of one table, column by column. */
function createTableRows(name: string, schema: TableSchema, batch: Batch, indexFields: readonly string[]) {
  const constants: Record<string, string> = {
    experiment_id: batch.experimentId,
    workflow_run_id: batch.workflowRunId,
    root_workflow_run_id: batch.rootWorkflowRunId,
  }
  const isIndex = new Set(schema.index)
  const own = schema.columns.filter((column) => !isIndex.has(column.name)).map((column) => column.name)
  const empty = (): Record<string, unknown[]> =>
    Object.fromEntries(['sort_index', 'sort_subindex', ...own, ...indexFields].map((column) => [column, []]))
  let data = empty()

  const table = {
    name,
    rows: 0,
    /** About what the values take, encoded. */
    bytes: 0,
    add({ sortIndex, columns, row }: SpecPlace, values: Readonly<Record<string, unknown>>, subindex = 0): void {
      table.rows += 1
      table.bytes += 16
      data.sort_index!.push(sortIndex)
      data.sort_subindex!.push(subindex)
      for (const column of own) {
        const value = values[column]
        table.bytes += weigh(value)
        data[column]!.push(value)
      }
      for (const column of indexFields) data[column]!.push(columns[column]![row])
    },
    take(): Uint8Array {
      const { rows } = table
      for (const column in constants) data[column] = new Array(rows).fill(constants[column])
      // As Python Scythe has it: only where a spec has several rows are they numbered.
      const bytes = encodeTable(batch.single && rows === 1 ? withoutSubindex(schema) : schema, data, rows)
      data = empty()
      table.rows = 0
      table.bytes = 0
      return bytes
    },
  }
  return table
}

function withoutSubindex({ columns, index }: TableSchema): TableSchema {
  const { name } = SORT_SUBINDEX
  return { columns: columns.filter((column) => column.name !== name), index: index.filter((level) => level !== name) }
}

function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 8
  for (const part of Array.isArray(value) ? value : Object.values(value)) bytes += weigh(part)
  return bytes
}
