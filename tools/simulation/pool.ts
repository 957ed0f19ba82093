import type { Batch, BatchHost, Executor, FinishedRows } from '../../src/execute/executor.js'
import type { ColumnData, TableSchema } from '../../src/table/schema.js'
import { decodeSlice, type TableSlice } from '../../src/table/slice.js'
import { encodeTable } from '../../src/table/writer.js'
import type { Machine } from './machine.js'
import { TABLES } from './tables.js'
import type { World } from './world.js'

/** What attempts gave their rows: the n-th attempt at a range marks its rows with n, and no other attempt at it does. */
export interface Attempts {
  /** By the attempt's name. */
  readonly marks: Map<string, string>
  readonly countOf: Map<string, number>
  /** Own failures of batches, by their range. */
  readonly failures: Map<string, number>
}

/** Stands for the function of the user's: what a spec gives, from its place and its attempt alone. */
export interface Fate {
  readonly isError: boolean
  readonly rows: number
  readonly hasFile: boolean
}

export function fateOf({ scenario }: Pick<World, 'scenario'>, index: number, mark: string): Fate {
  const draw = (index * 2_654_435_761 + (scenario.isFlaky ? Number(mark) * 40_503 : 0)) >>> 7
  return {
    isError: scenario.errors > 0 && draw % 7 < scenario.errors,
    rows: scenario.hasTable ? draw % 3 : 0,
    hasFile: scenario.hasFiles && draw % 4 > 0,
  }
}

/** The value of a spec's one field. */
export function inputOf(index: number): number {
  return index * 7 + 3
}

const decoded = new WeakMap<TableSlice, Promise<Record<string, unknown[]>>>()
/** Parts of the same rows are the same bytes: encoding them once for many seeds saves most of the time. */
const encoded = new Map<string, Uint8Array>()

/** Runs batches without a process: parts are made of specs that were read, in virtual time. */
export function createSimulatedPool(world: World, machine: Machine, attempts: Attempts): Executor {
  const { random, scenario } = world

  const spend = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      machine.after(ms, () => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
    })

  async function run(batch: Batch, host: BatchHost) {
    const { attempt } = batch.resultFiles
    const range = `${batch.start}-${batch.end}`
    const mark = String((attempts.countOf.get(range) ?? 0) + 1)
    attempts.countOf.set(range, Number(mark))
    attempts.marks.set(attempt, mark)
    if (machine.isMisloaded && !world.isCalm()) throw failure('EXPERIMENT_NOT_LOADED', 'There is no such module.')
    const begun = world.clock.now()
    const total = { results: 0, errors: 0 }
    for (let row = batch.start; row < batch.end; ) {
      const end = Math.min(batch.end, row + random.between(1, 5))
      const inputs = await readInputs(host, row, end)
      await spend(scenario.specTime * (0.5 + random.next()) * (random.chance(0.02) ? 10 : 1) * (end - row), host.signal)
      failIfPoisoned(range, row, end)
      const rows = finished(batch, mark, row, inputs)
      await host.onRows(rows)
      total.results += rows.results
      total.errors += rows.errors
      host.onProgress?.(end - batch.start, total.errors)
      row = end
    }
    return { ...total, seconds: (world.clock.now() - begun) / 1000 }
  }

  async function readInputs(host: BatchHost, start: number, end: number): Promise<unknown[]> {
    const inputs: unknown[] = []
    for (let row = start; row < end; row++) {
      const slice = await host.readSpecs(row)
      let columns = decoded.get(slice)
      if (!columns) {
        columns = decodeSlice(slice)
        decoded.set(slice, columns)
      }
      inputs.push((await columns).x![row - slice.firstRow])
    }
    return inputs
  }

  function failIfPoisoned(batch: string, start: number, end: number) {
    for (const { spec, times } of scenario.poison) {
      const failed = attempts.failures.get(batch) ?? 0
      if (spec < start || spec >= end || failed >= times) continue
      attempts.failures.set(batch, failed + 1)
      throw failure('TASK_DEADLY', 'Its workers died under it.')
    }
  }

  function finished(batch: Batch, mark: string, start: number, inputs: readonly unknown[]): FinishedRows {
    const tables: Record<string, unknown[][]> = { scalars: [], errors: [], steps: [], result_file_refs: [] }
    const files: { key: string; path: string }[] = []
    for (const [i, x] of inputs.entries()) {
      const index = start + i
      const { isError, rows, hasFile } = fateOf(world, index, mark)
      if (isError) {
        tables.errors!.push(['SPEC_FAILED', mark, index])
        continue
      }
      tables.scalars!.push([mark, x, index])
      for (let step = 0; step < rows; step++) tables.steps!.push([mark, step, index])
      if (!scenario.hasFiles) continue
      const key = `results/file/${batch.resultFiles.attempt}/${index}.txt`
      if (hasFile) files.push({ key, path: import.meta.filename })
      tables.result_file_refs!.push([hasFile ? `${batch.resultFiles.folder}/${key}` : null, index])
    }
    const results = tables.scalars!.length
    const parts: Record<string, FinishedRows['parts'][string]> = {}
    for (const [table, rows] of Object.entries(tables))
      if (rows.length > 0) parts[table] = { bytes: encodeRows(table, rows), rows: rows.length }
    return { start, end: start + inputs.length, results, errors: inputs.length - results, parts, files }
  }

  return { run, warm() {}, problems: async () => [], close: async () => {} }
}

function encodeRows(table: string, rows: readonly unknown[][]): Uint8Array {
  const schema = TABLES[table] as TableSchema
  const data: ColumnData = Object.fromEntries(schema.columns.map(({ name }, i) => [name, rows.map((row) => row[i])]))
  if (table === 'result_file_refs') return encodeTable(schema, data, rows.length)
  const key = `${table} ${rows.join(' ')}`
  let bytes = encoded.get(key)
  if (!bytes) {
    bytes = encodeTable(schema, data, rows.length)
    encoded.set(key, bytes)
    if (encoded.size > 20_000) encoded.delete(encoded.keys().next().value!)
  }
  return bytes
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
