import { z } from 'zod'
import type { JsonSchema } from '../experiment/io-spec.js'
import type { DesiredWorkerLabel } from '../experiment/labels.js'
import type { Store } from '../store/store.js'
import type { Column, TableSchema } from '../table/schema.js'
import { RunObjectInvalidError } from './errors.js'
import { readJson } from './read-json.js'

const count = z.number().int().min(0)

export const ALLOCATION_KEY = 'allocation.json'
export const SPECS_KEY = 'specs.pq'
/** The advice that follows a problem with an object whose content is stored nowhere else. */
export const NOT_AGAIN = 'Nothing else has its content: put a copy back, or allocate the specs again.'

const allocationSchema = z.object({
  format: z.literal(1),
  run_id: z.string(),
  experiment_id: z.string(),
  experiment_name: z.string(),
  /**
   * The module that registered the experiment. Nothing imports it because a run names it: runs come
   * from anywhere.
   */
  module: z.string(),
  /** The code at allocation. Absent if it could not be hashed. */
  code: z.object({ hash: z.string(), printer: z.string(), packages: z.array(z.string()) }).optional(),
  specs: count,
  /** The number of specs in a batch that the user set; null if the user set none. */
  batch: count.min(1).nullable(),
  recursion_map: z.object({ factor: count.min(1), max_depth: count }).nullable(),
  /**
   * Hashes of the schemas that the specs were checked against. A worker with other schemas refuses
   * the work.
   */
  hashes: z.object({ input: z.string(), output: z.string(), tables: z.string() }),
  /**
   * The columns of `specs.pq` that the input does not name. The index of every table has them, too.
   */
  extra: z.array(z.custom<Column>()).optional(),
  /** The columns of every table of results, so that a fan needs no user code. */
  tables: z.record(z.string(), z.custom<TableSchema>()),
  memory: count.nullable(),
  desired_worker_labels: z.record(z.string(), z.custom<DesiredWorkerLabel>()),
  schedule_timeout: count.nullable(),
  /**
   * The io spec, and the schemas of the user's tables. Present if each spec is a task of its own
   * that other workers serve.
   */
  remote: z
    .object({ io_spec: z.custom<JsonSchema>(), tables: z.record(z.string(), z.custom<JsonSchema>()) })
    .optional(),
})

/**
 * The facts that are fixed when a run is allocated: everything that its tasks need besides their
 * range.
 */
export type Allocation = z.infer<typeof allocationSchema>

export async function readAllocation(folder: Store): Promise<Allocation> {
  const allocation = await readJson(folder, ALLOCATION_KEY, allocationSchema).catch((cause) => {
    if (!(cause instanceof RunObjectInvalidError) || cause.lasting) throw cause
    throw new RunObjectInvalidError(cause.uri, `${cause.problem}. ${NOT_AGAIN}`, { cause })
  })
  if (!allocation) throw new RunObjectInvalidError(folder.uriOf(ALLOCATION_KEY), `it is not there. ${NOT_AGAIN}`)
  return allocation
}
