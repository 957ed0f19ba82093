import { z } from 'zod'
import { createSemaphore, mapConcurrently } from '../../async/concurrency.js'
import { codeOf, faultOf } from '../../error-codes.js'
import type { SpecError } from '../../experiment/spec-error.js'
import { ERROR_COLUMNS } from '../../experiment/tables.js'
import { wireValue } from '../../experiment/wire.js'
import { type Receipt, readReceipt } from '../../scatter/receipt.js'
import { runSpecBatch, type SpecBatches, type SpecParts } from '../../scatter/spec-batch.js'
import { runSpecTask, type SpecTaskResult } from '../../scatter/spec-task.js'
import type { TaskHost } from '../../scatter/task.js'
import { own as ownOf } from '../../settings/own.js'
import { isKey } from '../../store/key.js'
import { scopedStore } from '../../store/scoped-store.js'
import type { Store } from '../../store/store.js'
import { framePart, type Place, placedPart } from './frames.js'
import type { PythonFanInput, PythonFanResult } from './input.js'
import { gatherTables, joinParts } from './parts.js'
import { type PythonSpecs, readPythonSpecs } from './specs.js'

/**
 * Maximum number of specs for each receipt: specs without a receipt are repeated if a worker is
 * lost.
 */
const LARGEST_BATCH = 256
/** Minimum number of receipts of a run, if it has that many specs. */
const BATCHES = 16

const outputSchema = z.looseObject({ dataframes: z.record(z.string(), z.string()) })

/**
 * Runs the fan of a run that Python Scythe allocated, or of one branch of it. Runs every spec as a
 * task of its own, and concatenates the tables that those tasks store, in the order of
 * `sort_index`. A spec without a result is a row of `errors`, a table that exists only if there are
 * errors. Finished specs have a receipt under `scatter-gather/scythe/`, so that they do not run
 * again if the fan does.
 */
export async function runPythonFan(
  input: PythonFanInput,
  host: TaskHost,
  store: Store,
  getObject: (uri: string) => Promise<Uint8Array>,
): Promise<PythonFanResult> {
  const folder = scopedStore(store, input.experiment_id)
  const specs = await readPythonSpecs(input.specs_uri, getObject)
  const own = `scatter-gather/scythe/${specs.key}`
  const receipts = scopedStore(folder, own)
  const size = Math.max(1, Math.min(LARGEST_BATCH, Math.ceil(specs.count / BATCHES)))
  const ranges = Array.from({ length: Math.ceil(specs.count / size) }, (_, i) => ({
    start: i * size,
    end: Math.min(specs.count, (i + 1) * size),
  }))
  const batches: SpecBatches = {
    host,
    folder,
    partsFolder: `${own}/parts`,
    receipts,
    turn: createSemaphore(host.window).run,
    join: (_table, parts) => joinParts(parts),
  }
  let ended = false

  async function batch({ start, end }: { start: number; end: number }): Promise<Receipt> {
    const there = await readReceipt(receipts, { start, end })
    if (there) return there
    return runSpecBatch(batches, { start, end }, spec)
  }

  async function spec(position: number): Promise<SpecParts> {
    if (ended) throw new Error('The fan has ended.')
    const row = rowOf(specs, position, input, host)
    const task = {
      kind: 'single',
      store: store.uri,
      run: input.experiment_id,
      experiment: input.task_name,
      // The labels that were declared with the task apply.
      labels: {},
      start: position,
      end: position + 1,
      depth: depthOf(input) + 1,
      input: { ...(wireValue(row) as typeof row), storage_settings: input.storage_settings },
    } as const
    const end = await runSpecTask(host, task, `${position}`)
    const place = { columns: specs.index, values: { ...row, workflow_run_id: end.id }, isBranch: depthOf(input) > 0 }
    return partsOf(end, place, getObject)
  }

  try {
    // One batch more than the window holds, so that the last specs of one batch do not delay
    // others.
    const done = await mapConcurrently(ranges, 1 + Math.ceil(host.window / size), batch)
    return { uris: await writeTables(folder, own, input, host.id, done) }
  } finally {
    ended = true
  }
}

/** Returns the depth of this fan below the root. */
function depthOf({ recursion_map }: PythonFanInput): number {
  return recursion_map.path?.length ?? 0
}

/**
 * Returns a spec as Python's fan sends it: the root fan sets the root's id, and the fans below pass
 * it on.
 */
function rowOf(specs: PythonSpecs, position: number, input: PythonFanInput, host: TaskHost) {
  const row = specs.spec(position)
  const known = depthOf(input) > 0 ? row.root_workflow_run_id : undefined
  return { ...row, root_workflow_run_id: known ?? host.id }
}

/** Resolves with the rows of one spec: those of its tables, or its error. */
async function partsOf(
  end: SpecTaskResult,
  place: Place,
  getObject: (uri: string) => Promise<Uint8Array>,
): Promise<SpecParts> {
  const refuse = (error: Partial<SpecError>) => ({ errors: errorPart({ ...error, attempts: end.attempts }, place) })
  if ('error' in end) return refuse(end.error)
  const { data } = outputSchema.safeParse(end.output)
  const invalid = (message: string) => refuse({ code: 'OUTPUT_INVALID', name: 'OUTPUT_INVALID', message })
  if (!data) {
    const got = JSON.stringify(end.output)?.slice(0, 200)
    return invalid(`Expected the task to give its fields and the addresses of its dataframes, got ${got}.`)
  }
  const parts: Record<string, SpecParts[string]> = Object.create(null)
  for (const [table, uri] of Object.entries(data.dataframes)) {
    // This fan's own table `errors` contains the failed specs. Python Scythe discards the task's
    // table, too.
    if (table === 'errors') continue
    if (table.includes('/') || !isKey(table))
      return invalid(`A table cannot be called ${table}: its name becomes a file's.`)
    try {
      parts[table] = await framePart(await getObject(uri), place)
    } catch (error) {
      if (faultOf(error) !== 'data' && codeOf(error) !== 'TASK_FORBIDDEN') throw error
      return invalid(`The table ${table} cannot be taken from ${uri}: ${(error as Error).message}`)
    }
  }
  return parts
}

function errorPart(error: Partial<SpecError>, place: Place) {
  const values: Record<string, unknown> = error
  const data = ERROR_COLUMNS.map(({ name }) => [name, [values[name.slice('error_'.length)] ?? null]])
  return placedPart({ columns: ERROR_COLUMNS, index: [] }, Object.fromEntries(data), 1, place)
}

/**
 * Writes each table to the key that Python's fan uses. Resolves with the addresses of the tables;
 * in the root fan, those in `final/`.
 */
async function writeTables(
  folder: Store,
  own: string,
  input: PythonFanInput,
  runId: string,
  receipts: readonly Receipt[],
): Promise<Record<string, string>> {
  const depth = depthOf(input)
  const place = `scatter-gather/output/${depth === 0 ? 'root' : `recurse/${depth}`}/${runId}`
  const uris: Record<string, string> = {}
  const names = new Set(receipts.flatMap(({ tables }) => Object.keys(tables)))
  for (const name of names) {
    const parts = receipts.flatMap(({ tables }) => ownOf(tables, name) ?? [])
    const key = `${place}/${name}.pq`
    await folder.compose(key, await gatherTables(folder, parts, `${own}/parts/${runId}/${name}`))
    const final = `final/${name}.pq`
    if (depth === 0) await folder.copy(key, final)
    uris[name] = folder.uriOf(depth === 0 ? final : key)
  }
  return uris
}
