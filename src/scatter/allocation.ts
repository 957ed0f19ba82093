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
/** What is said of an object that nothing else has the content of. */
export const NOT_AGAIN = 'Nothing else has its content: put a copy back, or allocate the specs again.'

const allocationSchema = z.object({
  format: z.literal(1),
  run_id: z.string(),
  experiment_id: z.string(),
  experiment_name: z.string(),
  /** Where the experiment was registered. Nobody imports it because it stands here: runs come from anywhere. */
  module: z.string(),
  /** The code that it was allocated with, if that could be told. */
  code: z.object({ hash: z.string(), printer: z.string(), packages: z.array(z.string()) }).optional(),
  specs: count,
  /** As the user gave them, else null. */
  batch: count.min(1).nullable(),
  recursion_map: z.object({ factor: count.min(1), max_depth: count }).nullable(),
  /** Of the schemas that the specs were checked against: work with others is refused. */
  hashes: z.object({ input: z.string(), output: z.string(), tables: z.string() }),
  /** The columns of `specs.pq` that the input does not name: they are in every table's index, too. */
  extra: z.array(z.custom<Column>()).optional(),
  /** The columns of every table of results, so that a fan needs no user code. */
  tables: z.record(z.string(), z.custom<TableSchema>()),
  memory: count.nullable(),
  desired_worker_labels: z.record(z.string(), z.custom<DesiredWorkerLabel>()),
  schedule_timeout: count.nullable(),
  /** Where each spec is a task of its own that others serve: the io spec, and the schemas of the user's tables. */
  remote: z
    .object({ io_spec: z.custom<JsonSchema>(), tables: z.record(z.string(), z.custom<JsonSchema>()) })
    .optional(),
})

/** What was fixed when a run was allocated: all that its tasks need to know beside their range. */
export type Allocation = z.infer<typeof allocationSchema>

export async function readAllocation(folder: Store): Promise<Allocation> {
  const allocation = await readJson(folder, ALLOCATION_KEY, allocationSchema).catch((cause) => {
    if (!(cause instanceof RunObjectInvalidError) || cause.lasting) throw cause
    throw new RunObjectInvalidError(cause.uri, `${cause.problem}. ${NOT_AGAIN}`, { cause })
  })
  if (!allocation) throw new RunObjectInvalidError(folder.uriOf(ALLOCATION_KEY), `it is not there. ${NOT_AGAIN}`)
  return allocation
}
