import { ExperimentRegistry } from '../experiment/registry.js'
import { readAllocation } from '../scatter/allocation.js'
import { readRunReceipt } from '../scatter/finish.js'
import { openObjectTable } from '../scatter/run-folder.js'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'
import { readRows } from '../table/rows.js'
import { RunIncompleteError, RunNotDoneError, RunNotFoundError, TableNotFoundError } from './errors.js'
import { type Manifest, readManifest } from './manifest.js'
import { type RunRef, type StartOptions, startRun } from './run-ref.js'
import { type RunStatus, readStatus } from './status.js'

/** A table of results: where it lies, and its rows. */
export interface ResultTable {
  readonly uri: string
  readonly rows: number
}

/** An allocation of an experiment: its folder in the store, and what can be asked of it. */
export interface Run {
  /** `<base id>/<version>/<timestamp>`. */
  readonly id: string
  readonly uri: string
  readonly manifest: Manifest
  /** How many specs are results, errors, or still open. */
  status(): Promise<RunStatus>
  /** The final tables by name, looked up anew each time. Rejects with `RunNotDoneError` before they are there. */
  readonly results: Promise<Record<string, ResultTable>>
  /** A final table's rows in order: `scalars`, `errors`, `result_file_refs` or one of the experiment's own. */
  rows(table: string): AsyncIterable<Record<string, unknown>>
  /** The specs that have no result, with the reason. */
  errors(): AsyncIterable<Record<string, unknown>>
  /** Runs what has no receipt yet. Running it twice at once does no harm. */
  resume(options?: StartOptions): Promise<RunRef>
}

/** Opens a run of a store. Throws `RunNotFoundError` or `RunIncompleteError`. */
export async function openRun(store: Store, id: string): Promise<Run> {
  const folder = within(store, id)
  const manifest = await readManifest(folder)
  if (!manifest) {
    for await (const _ of folder.list('')) throw new RunIncompleteError(id)
    throw new RunNotFoundError(id, store.uri)
  }
  return createRun(store, id, manifest)
}

export function createRun(store: Store, id: string, manifest: Manifest): Run {
  const folder = within(store, id)

  async function readResults(): Promise<Record<string, ResultTable>> {
    const receipt = await readRunReceipt(folder)
    if (!receipt) throw new RunNotDoneError(id)
    return Object.fromEntries(
      Object.entries(receipt.tables).map(([name, { key, rows }]) => [name, { uri: folder.uriOf(key), rows }]),
    )
  }

  async function* rows(table: string): AsyncGenerator<Record<string, unknown>> {
    const tables = await readResults()
    if (!(table in tables)) {
      // A run without errors has no such table, and no such rows.
      if (table === 'errors') return
      throw new TableNotFoundError(id, table, Object.keys(tables))
    }
    const [source, file] = await openObjectTable(folder, `final/${table}.pq`)
    yield* readRows(source, file)
  }

  return {
    id,
    uri: folder.uri,
    manifest,
    status: () => readStatus(folder),
    get results() {
      return readResults()
    },
    rows,
    errors: () => rows('errors'),
    async resume(options) {
      const allocation = await readAllocation(folder)
      const experiment = ExperimentRegistry.list().find(({ name }) => name === allocation.experiment_name)
      return startRun(store, createRun(store, id, manifest), allocation, experiment, options)
    },
  }
}
