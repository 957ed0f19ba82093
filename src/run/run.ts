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

/** An allocation of an experiment: its folder in the store, and what can be asked of it. */
export interface Run {
  /** `<base id>/<version>/<timestamp>`. */
  readonly id: string
  readonly uri: string
  readonly manifest: Manifest
  /** How many specs are results, errors, or still open. */
  status(): Promise<RunStatus>
  /** The final tables by name, looked up anew each time. Rejects with `RunNotDoneError` before they are there. */
  results(): Promise<Record<string, ResultTable>>
  /**
   * A final table's rows in order: `scalars`, `errors`, `result_file_refs` or one of the experiment's own. Python Scythe's own order
   * where it wrote them.
   */
  rows(table: string): AsyncIterable<Record<string, unknown>>
  /** The specs in order, as they were allocated. */
  specs(): AsyncIterable<Record<string, unknown>>
  /** The experiment's input and output: one JSON Schema with the properties `input` and `output`. */
  ioSpec(): Promise<Record<string, unknown>>
  /**
   * Where a file lies now that a table names. Addresses in tables are those of the day they were written: of a run that was copied, the
   * file in the copy, if it is there. Else the address as it is.
   */
  locate(address: string): Promise<string>
  /** The specs that have no result, with the reason. */
  errors(): AsyncIterable<Record<string, unknown>>
  /**
   * Runs what has no receipt yet and makes again what is damaged, or joins the run where it is under way on a Hatchet engine. Running it twice at once does no harm.
   * Rejects with `RunNotResumableError` where Python Scythe wrote the run.
   */
  resume(options?: ResumeOptions): Promise<RunRef>
}

/**
 * Opens a run of a store, whoever allocated it.
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
