import type { Allocation } from '../../src/scatter/allocation.js'
import type { Column, TableSchema } from '../../src/table/schema.js'
import { createTableWriter } from '../../src/table/writer.js'
import { inputOf } from './pool.js'
import type { Scenario } from './scenario.js'

export const RUN = 'simulated/v1.0.0/2026-01-01_00-00-00'

const int64 = (name: string): Column => ({ name, type: { kind: 'int64' } })
const string = (name: string): Column => ({ name, type: { kind: 'string' } })
const table = (...columns: Column[]): TableSchema => ({
  columns: [...columns, int64('sort_index')],
  index: ['sort_index'],
})

/** The tables of results, with the columns that tell attempts apart and no more: what is encoded costs most of the time. */
export const TABLES: Readonly<Record<string, TableSchema>> = {
  scalars: table(string('mark'), int64('x')),
  errors: table(string('error_code'), string('error_message')),
  result_file_refs: table(string('file')),
  steps: table(string('mark'), int64('step')),
}

export function allocationOf({ specs, batch, recursion, hasTable, hasFiles }: Scenario): Allocation {
  const { scalars, errors, result_file_refs, steps } = TABLES
  return {
    format: 1,
    run_id: 'run',
    experiment_id: RUN,
    experiment_name: 'simulated',
    module: 'nowhere',
    specs,
    batch,
    recursion_map: recursion,
    hashes: { input: '', output: '', tables: '' },
    tables: {
      scalars: scalars!,
      errors: errors!,
      ...(hasFiles && { result_file_refs: result_file_refs! }),
      ...(hasTable && { steps: steps! }),
    },
    memory: null,
    desired_worker_labels: {},
    schedule_timeout: null,
  }
}

const known = new Map<string, Uint8Array>()

/** `specs.pq`. */
export function specsOf({ specs, rowGroup }: Scenario): Uint8Array {
  const name = `${specs} ${rowGroup}`
  let bytes = known.get(name)
  if (!bytes) {
    const writer = createTableWriter(
      { columns: [int64('x'), int64('sort_index')], index: [] },
      { rowGroupSize: rowGroup },
    )
    const rows = Array.from({ length: specs }, (_, index) => index)
    bytes = Buffer.concat([...writer.append({ x: rows.map(inputOf), sort_index: rows }, specs), ...writer.finish()])
    known.set(name, bytes)
  }
  return bytes
}
