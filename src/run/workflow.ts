import { z } from 'zod'
import type { Engine } from '../engine/engine.js'
import { EngineUnavailableError } from '../engine/errors.js'
import { SpecsInvalidError } from '../experiment/errors.js'
import { jsonSchema } from '../experiment/io-spec.js'
import { problemsOf } from '../experiment/parse.js'
import type { IncludedWorkflow } from '../experiment/registry.js'
import { wireInteger } from '../experiment/wire.js'
import { SPECS_KEY } from '../scatter/allocation.js'
import { returnedValue } from '../scatter/task.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import type { ColumnType } from '../table/schema.js'
import { encodeTable } from '../table/writer.js'
import { claimNext, writeManifest } from './allocate.js'
import { OptionInvalidError } from './errors.js'
import { WORKFLOW_SPEC_KEY } from './layout.js'
import { writeYaml } from './manifest.js'
import { writeRootId } from './root-task.js'
import { createRun, type Run } from './run.js'
import { isIterable } from './write-specs.js'

/** The handle of a workflow in flight. */
export interface WorkflowRef<Output = unknown> {
  readonly run: Run
  /**
   * Resolves with the output: `{ [task]: output }`, or the output of a standalone task. Rejects if
   * the workflow failed or was cancelled.
   */
  result(): Promise<Output>
  cancel(): Promise<void>
}

type Row = Record<string, unknown>

/**
 * Makes a run of a workflow's one spec, like Python Scythe: its folder stores the spec and the name
 * of the workflow. Only the engine keeps the result. A spec that does not fit leaves nothing
 * behind.
 */
export async function runWorkflow(
  engine: Engine,
  store: Store,
  base: string,
  workflow: IncludedWorkflow,
  spec: unknown,
  version: string,
): Promise<{ run: Run; ref: WorkflowRef }> {
  if (!engine.abilities.workflows) {
    const reason = `${workflow.name} is a workflow, which needs Hatchet: set HATCHET_CLIENT_TOKEN, or run \`npm start\` in this folder.`
    throw new EngineUnavailableError(engine.name, reason)
  }
  if (isIterable(spec)) {
    throw new OptionInvalidError('specs', spec, `one spec, since ${workflow.name} is a workflow`)
  }
  const validator = validatorOf(workflow)
  const input = readSpec(workflow.name, validator, spec)
  await engine.checkReachable()
  await store.probe()
  const id = await claimNext(store, base, version, jsonSchema(z.object({ input: validator, output: z.unknown() })))
  const folder = scopedStore(store, id)
  const row = { experiment_id: id, sort_index: 0, ...input }
  await folder.put(SPECS_KEY, tableOf(row))
  await writeYaml(folder, WORKFLOW_SPEC_KEY, row)
  const names = { experiment_id: id, experiment_name: workflow.name }
  const run = createRun(store, id, await writeManifest(folder, { run_id: crypto.randomUUID(), ...names }))
  const { id: root, done, cancel } = await engine.runWorkflow(workflow, input, names)
  // The id only serves to find the run on the engine later.
  await writeRootId(folder, root).catch(() => {})
  return { run, ref: { run, result: async () => returnedValue(await done), cancel } }
}

/**
 * Returns the workflow's own validator, which the dashboard's form uses, or a validator that takes
 * any object.
 */
function validatorOf({ definition }: IncludedWorkflow): z.ZodType {
  const { inputValidator } = definition as { readonly inputValidator?: z.ZodType }
  return inputValidator ?? z.looseObject({})
}

/** Returns the spec as JSON, with defaults filled in. The engine itself validates nothing. */
function readSpec(workflow: string, validator: z.ZodType, spec: unknown): Row {
  const { data, error } = z.safeParse(validator, spec)
  if (!error)
    return JSON.parse(JSON.stringify(data, (_name, value) => (typeof value === 'bigint' ? wireInteger(value) : value)))
  const problems = problemsOf(error, spec).map((problem) => ({ ...problem, row: 0 }))
  throw new SpecsInvalidError(workflow, problems, 1)
}

/**
 * Returns the spec as a `specs.pq`. The types of its columns follow from its values: there may be
 * no schema.
 */
function tableOf(row: Row): Uint8Array {
  const columns = Object.entries(row).map(([name, value]) => ({ name, type: typeOf(value) }))
  const data = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]]))
  return encodeTable({ columns, index: [] }, data, 1)
}

function typeOf(value: unknown): ColumnType {
  switch (typeof value) {
    case 'string':
      return { kind: 'string' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'number':
      return { kind: Number.isSafeInteger(value) ? 'int64' : 'double' }
    default:
      return { kind: 'json' }
  }
}
