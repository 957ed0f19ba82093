import { ioSpec, schemaHashes } from '../../../src/experiment/io-spec.js'
import { experimentTables } from '../../../src/experiment/tables.js'
import type { Allocation } from '../../../src/scatter/allocation.js'
import { makePlan } from '../../../src/scatter/plan.js'
import type { TableSchema } from '../../../src/table/schema.js'
import { encodeTable } from '../../../src/table/writer.js'
import { EXPERIMENT } from './experiment.js'

export const RUN = 'fuzzed/v1.0.0/2026-01-31_12-00-00'
const SPECS = 100
const BATCH = 10

const { specs: specsTable, results: resultTables } = experimentTables(EXPERIMENT)

export const ALLOCATION: Allocation = {
  format: 1,
  run_id: 'run',
  experiment_id: RUN,
  experiment_name: EXPERIMENT.name,
  module: EXPERIMENT.module,
  code: { hash: 'abc', printer: 'esbuild 0.1.0', packages: ['zod@4.0.0'] },
  specs: SPECS,
  batch: null,
  recursion_map: null,
  hashes: schemaHashes(EXPERIMENT),
  tables: { ...resultTables },
  memory: null,
  desired_worker_labels: { has_gpu: { value: 'yes', required: true } },
  schedule_timeout: null,
}

export const PLAN = makePlan(SPECS, { batch: BATCH, pilot: [1, 1, 1, 1] })

export function receiptOf(start: number, end: number) {
  const part = (table: string, rows: number) => ({ key: `parts/${start}/${table}-0.pq`, rows, bytes: 100 })
  return {
    format: 1 as const,
    start,
    end,
    attempt: `${start}-${end}-a`,
    worker: 'fuzz',
    results: end - start - 1,
    errors: 1,
    seconds: 0.5,
    tables: { scalars: [part('scalars', end - start - 1)], errors: [part('errors', 1)] },
    undeclared: ['more'],
    code: 'abc',
  }
}

const rows = (table: TableSchema, count: number) => {
  const data = Object.fromEntries(
    table.columns.map(({ name }) => [
      name,
      Array.from({ length: count }, (_, i) => (name === 'sort_index' ? i : name === 'n' ? 1 : null)),
    ]),
  )
  return encodeTable(table, data, count)
}
const FINAL = { scalars: rows(resultTables.scalars!, SPECS - 1), errors: rows(resultTables.errors!, 1) }

const MANIFEST = {
  workflow_run_id: 'run',
  experiment_id: RUN,
  experiment_name: EXPERIMENT.name,
  specs_uri: `s3://memory/store/${RUN}/specs.pq`,
  io_spec: `s3://memory/store/${RUN}/experiment_io_spec.yml`,
}

const RUN_RECEIPT = {
  format: 1,
  specs: SPECS,
  results: SPECS - 1,
  errors: 1,
  seconds: 3,
  tables: {
    scalars: { key: 'final/scalars.pq', rows: SPECS - 1, bytes: FINAL.scalars.length, sha256: null },
    errors: { key: 'final/errors.pq', rows: 1, bytes: FINAL.errors.length, sha256: null },
  },
}

/** The objects of a run that are values of JSON. */
export const VALUES: Readonly<Record<string, unknown>> = {
  'allocation.json': ALLOCATION,
  'plan.json': PLAN,
  'root.json': { format: 1, uri: `s3://memory/store/${RUN}`, id: 'task' },
  'receipt.json': RUN_RECEIPT,
  'receipts/receipt-000000000000-000000000010.json': receiptOf(0, 10),
  'receipts/receipt-000000000010-000000000020.json': receiptOf(10, 20),
  'manifest.yml': MANIFEST,
  'experiment_io_spec.yml': ioSpec(EXPERIMENT),
}

/** Its tables. */
export const TABLES: Readonly<Record<string, Uint8Array>> = {
  'specs.pq': rows(specsTable, SPECS),
  'final/scalars.pq': FINAL.scalars,
  'final/errors.pq': FINAL.errors,
}
