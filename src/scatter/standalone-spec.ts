import type { Batch, Executor, FinishedRows } from '../execute/executor.js'
import { ABSENT_FIELDS, absentText } from '../experiment/absent.js'
import type { Experiment } from '../experiment/experiment.js'
import { reviveRow } from '../experiment/revive.js'
import type { SpecError } from '../experiment/spec-error.js'
import { experimentTables } from '../experiment/tables.js'
import { readWireSpec, type WireSpec, wireValue } from '../experiment/wire.js'
import { own } from '../settings/own.js'
import { configuredStore } from '../store/configured.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { openTable } from '../table/file.js'
import { readRows } from '../table/rows.js'
import { readSlice, type TableSlice } from '../table/slice.js'
import { bytesSource } from '../table/source.js'
import { encodeTable } from '../table/writer.js'
import { SpecFailedError } from './errors.js'
import { fetchAddress, type InputSources, withinLimit } from './input-files.js'
import type { ServedStores } from './served.js'
import type { TaskHost } from './task.js'

/**
 * The folder in which specs without a run store their output: `<this>/<experiment>/<task id>`. It
 * is not the experiment's own name, because Python Scythe takes every folder there for a version.
 * No run has this name.
 */
export const STANDALONE_PREFIX = 'scythe_singles'

/**
 * Runs a standalone spec, which anyone may send. Resolves with the output of Python Scythe's task:
 * the output's fields as JSON, and in `dataframes` the address of every table that has rows.
 * Rejects with `SpecsInvalidError`, or with `SpecFailedError`, which has the error of the spec.
 */
export async function runStandaloneSpec(
  experiment: Experiment,
  input: unknown,
  host: Pick<TaskHost, 'id' | 'rootId' | 'worker' | 'signal'>,
  executor: Executor,
  served: ServedStores,
  inputs: Omit<InputSources, 'signal'>,
): Promise<Record<string, unknown>> {
  const { openStore } = inputs
  const wire = readWireSpec(experiment, input)
  const { name, module, memory } = experiment
  const experimentId = wire.experimentId ?? `${STANDALONE_PREFIX}/${name}/${host.id}`
  const store = wire.store ?? configuredStore(process.env)
  if (wire.store !== undefined) await served.check(store)
  const folder = scopedStore(openStore(store), experimentId)
  const batch: Batch = {
    experiment: { name, module, memory },
    experimentId,
    workflowRunId: host.id,
    rootWorkflowRunId: wire.rootWorkflowRunId ?? host.rootId,
    start: wire.sortIndex,
    end: wire.sortIndex + 1,
    resultFiles: { attempt: host.id, folder: folder.uri },
    single: true,
  }
  const sources = { ...withinLimit(inputs, experiment.executionTimeout), signal: host.signal }
  const parts: Record<string, Uint8Array> = Object.create(null)
  await executor.run(batch, {
    readSpecs: () => specSlice(experiment, experimentId, wire),
    fetchFile: (uri, path) => fetchAddress(uri, path, sources),
    signal: host.signal,
    async onRows(rows) {
      for (const [table, { bytes }] of Object.entries(rows.parts)) parts[table] = bytes
      await storeFiles(folder, rows.files)
    },
  })
  if (parts.errors) throw await failureOf(name, parts.errors)
  const dataframes = await storeTables(folder, parts, host.id)
  const files = parts.result_file_refs && (await onlyRow(parts.result_file_refs))
  const output = reviveRow(experiment.output)({ ...(await onlyRow(parts.scalars!)), ...files })
  return { ...(wireValue(output) as Record<string, unknown>), dataframes }
}

/** Returns the spec as the one row of a `specs.pq` that is never written. */
async function specSlice(experiment: Experiment, experimentId: string, wire: WireSpec): Promise<TableSlice> {
  const { specs: schema, nullishFields } = experimentTables(experiment)
  const absent = { [ABSENT_FIELDS.name]: absentText(nullishFields, wire.spec) }
  const row: Record<string, unknown> = {
    ...wire.spec,
    ...absent,
    experiment_id: experimentId,
    sort_index: wire.sortIndex,
  }
  const columns = schema.columns.map(({ name }) => [name, [own(row, name)]] as const)
  const source = bytesSource(encodeTable(schema, Object.fromEntries(columns), 1))
  return { ...(await readSlice(source, await openTable(source), 0)), firstRow: wire.sortIndex }
}

async function storeFiles(folder: Store, files: FinishedRows['files']): Promise<void> {
  await Promise.all(files.map(({ key, path }) => folder.upload(key, path)))
}

/**
 * Stores tables under the keys of Python Scythe. A task that runs again writes to the same keys.
 */
async function storeTables(folder: Store, parts: Readonly<Record<string, Uint8Array>>, id: string) {
  const dataframes: Record<string, string> = Object.create(null)
  await Promise.all(
    Object.entries(parts).map(([table, bytes]) => {
      const key = `results/task-dataframes/${table}/${id}.pq`
      dataframes[table] = folder.uriOf(key)
      return folder.put(key, bytes)
    }),
  )
  return dataframes
}

async function failureOf(experiment: string, part: Uint8Array): Promise<SpecFailedError> {
  const row = (await onlyRow(part)) as Record<`error_${keyof SpecError}`, never>
  return new SpecFailedError(experiment, {
    code: row.error_code,
    message: row.error_message,
    stack: row.error_stack,
    attempts: row.error_attempts,
    worker: row.error_worker,
  })
}

async function onlyRow(part: Uint8Array): Promise<Record<string, unknown>> {
  for await (const row of readRows(bytesSource(part))) return row
  throw new Error('A part without rows left the pool.')
}
