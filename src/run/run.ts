import { ExperimentRegistry } from '../experiment/registry.js'
import { createPythonRunReader } from '../python/run-reader.js'
import type { ResultTable, RunReader, RunStatus } from '../scatter/run-reader.js'
import { readSpecs } from '../scatter/specs-table.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import {
  RunIdInvalidError,
  RunIncompleteError,
  RunNotDoneError,
  RunNotFoundError,
  TableNotFoundError,
} from './errors.js'
import { parseRunId } from './layout.js'
import { locate, type Manifest, readIoSpec, readManifest } from './manifest.js'
import { openReceiptReader } from './receipt-reader.js'
import { readResumable } from './resumable.js'
import { type ResumeOptions, type RunRef, startRun } from './run-ref.js'

/** An allocation of an experiment: its folder in the store, and methods that read it. */
export interface Run {
  /** The id of the run: `<base id>/<version>/<timestamp>`. */
  readonly id: string
  readonly uri: string
  readonly manifest: Manifest
  /** Resolves with the number of specs that are results, errors, or still open. */
  status(): Promise<RunStatus>
  /**
   * Resolves with the final tables by name, looked up at each call. Rejects with `RunNotDoneError`
   * if they are not written yet.
   */
  results(): Promise<Record<string, ResultTable>>
  /**
   * Yields the rows of a final table in order: `scalars`, `errors`, `result_file_refs` or a table
   * of the experiment. Tables by Python Scythe keep the order that it wrote.
   */
  rows(table: string): AsyncIterable<Record<string, unknown>>
  /** Yields the specs in order, as they were allocated. */
  specs(): AsyncIterable<Record<string, unknown>>
  /**
   * Resolves with the experiment's input and output: one JSON Schema with the properties `input`
   * and `output`.
   */
  ioSpec(): Promise<Record<string, unknown>>
  /**
   * Resolves with the current address of a file that a table names. Addresses in tables are those
   * of the day on which they were written. In a copied run, it is the file in the copy, if that
   * exists; otherwise the given address.
   */
  locate(address: string): Promise<string>
  /** Yields the specs that have no result, with the reason. */
  errors(): AsyncIterable<Record<string, unknown>>
  /**
   * Runs the specs that have no receipt yet and makes damaged objects again, or joins the run if it
   * is in flight on a Hatchet engine. Resuming twice at once does no harm. Rejects with
   * `RunNotResumableError` if Python Scythe wrote the run.
   */
  resume(options?: ResumeOptions): Promise<RunRef>
}

/**
 * Opens a run of a store, whichever program allocated it.
 *
 * @example
 * ```ts
 * const run = await openRun(openStore('./results'), 'energy/v1.0.0/2026-01-31_12-00-00')
 * for await (const { sort_index, load } of run.rows('scalars')) console.log(sort_index, load)
 * ```
 *
 * @param id `<base id>/<version>/<time>`, the time in UTC.
 * @throws `RUN_NOT_FOUND` if there is no such run.
 * @throws `RUN_INCOMPLETE` if its allocation did not end.
 * @throws `RUN_ID_INVALID` if no run can have the name.
 */
export async function openRun(store: Store, id: string): Promise<Run> {
  const folder = scopedStore(store, id)
  const manifest = await readManifest(folder)
  if (!manifest) {
    if (!parseRunId(id)) throw new RunIdInvalidError(id)
    for await (const _ of folder.list('')) throw new RunIncompleteError(id)
    throw new RunNotFoundError(id, store.uri)
  }
  return createRun(store, id, manifest)
}

export function createRun(store: Store, id: string, manifest: Manifest): Run {
  const folder = scopedStore(store, id)

  const reader = async () => (await openReceiptReader(folder)) ?? createPythonRunReader(folder)

  async function tableNames(reader: RunReader): Promise<readonly string[]> {
    const names = await reader.tableNames()
    if (!names) throw reader.resumable ? new RunNotDoneError(id) : new RunNotDoneError(id, null)
    return names
  }

  async function results(): Promise<Record<string, ResultTable>> {
    const found = await reader()
    const names = await tableNames(found)
    const tables = await Promise.all(names.map(async (name) => [name, await found.table(name)] as const))
    return Object.fromEntries(tables)
  }

  async function* rows(table: string): AsyncGenerator<Record<string, unknown>> {
    const found = await reader()
    const names = await tableNames(found)
    if (names.includes(table)) yield* found.rows(table)
    // A run without errors has no such table, and no such rows.
    else if (table !== 'errors') throw new TableNotFoundError(id, table, names)
  }

  return {
    id,
    uri: folder.uri,
    manifest,
    status: async () => (await reader()).status(),
    results,
    rows,
    specs: () => readSpecs(folder),
    ioSpec: () => readIoSpec(folder),
    locate: (address) => locate(folder, manifest, address),
    errors: () => rows('errors'),
    async resume(options) {
      const allocation = await readResumable(folder, id)
      const experiment = ExperimentRegistry.list().find(({ name }) => name === allocation.experiment_name)
      return startRun(store, createRun(store, id, manifest), allocation, experiment, options)
    },
  }
}
