import type { Batch, BatchHost, FinishedRows } from '../../src/execute/executor.js'
import type { Status } from '../../src/execute/status-file.js'
import type { Experiment } from '../../src/experiment/experiment.js'
import { experimentTables } from '../../src/experiment/tables.js'
import { openTable } from '../../src/table/file.js'
import { readRows } from '../../src/table/rows.js'
import { readSlice, type TableSlice } from '../../src/table/slice.js'
import type { ByteSource } from '../../src/table/source.js'
import { encodeTable } from '../../src/table/writer.js'

export type Row = Record<string, unknown>

/** What a process says that is at nothing. */
export const idleStatus: Status = {
  sortIndex: -1,
  attempt: 0,
  startedAt: 0,
  errors: 0,
  begun: 0,
  wakesAt: 0,
  phase: 0,
  memoryUsed: 0,
  memoryLimit: 0,
}

/** A run of these specs as a pool sees it, its specs in row groups of `rowGroup`; and all that came out of it. */
export interface TestRun {
  readonly batch: Batch
  readonly host: BatchHost
  /** In the order in which they left. */
  readonly rows: FinishedRows[]
  /** How often each row group was asked for. */
  readonly reads: number[]
  table(name: string): Promise<Row[]>
}

export function testRun(
  experiment: Experiment,
  specs: readonly Row[],
  options: { rowGroup?: number } & Partial<BatchHost> = {},
): TestRun {
  const { rowGroup = Math.max(1, specs.length), ...hostOptions } = options
  const slices = encodeSpecs(experiment, specs, rowGroup)
  const rows: FinishedRows[] = []
  const reads: number[] = []
  return {
    batch: {
      experiment: { name: experiment.name, module: experiment.module, memory: experiment.memory },
      experimentId: 'test/v1.0.0/2026-01-01_00-00-00',
      workflowRunId: 'task-1',
      rootWorkflowRunId: `root-${crypto.randomUUID()}`,
      start: 0,
      end: specs.length,
      resultFiles: { attempt: 'attempt-1', folder: 's3://bucket/run' },
    },
    host: {
      readSpecs(row) {
        const group = Math.floor(row / rowGroup)
        reads.push(group)
        return slices[group]!
      },
      fetchFile: async (uri) => uri,
      async onRows(left) {
        rows.push(left)
      },
      signal: new AbortController().signal,
      ...hostOptions,
    },
    rows,
    reads,
    async table(name) {
      const all: Row[] = []
      for (const { parts } of rows) {
        const part = parts[name]
        if (part) for await (const row of readRows(sourceOf(part.bytes))) all.push(row)
      }
      return all
    },
  }
}

function encodeSpecs(experiment: Experiment, specs: readonly Row[], rowGroup: number): Promise<TableSlice>[] {
  const { specs: schema } = experimentTables(experiment)
  const slices: Promise<TableSlice>[] = []
  for (let firstRow = 0; firstRow < specs.length; firstRow += rowGroup) {
    const group = specs.slice(firstRow, firstRow + rowGroup)
    const columns = schema.columns.map(({ name }) => [name, group.map((spec) => spec[name])])
    const source = sourceOf(encodeTable(schema, Object.fromEntries(columns), group.length))
    slices.push(openTable(source).then(async (file) => ({ ...(await readSlice(source, file, 0)), firstRow })))
  }
  return slices
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return { byteLength: bytes.length, slice: async (start, end) => bytes.subarray(start, end) }
}
