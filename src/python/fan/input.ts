import { z } from 'zod'
import { MAX_DEPTH } from '../../scatter/plan.js'
import { invalidTask } from '../../scatter/task-check.js'
import { isKey } from '../../store/key.js'

const names = z.string().refine(isKey, 'Expected names joined by single slashes')

const inputSchema = z.looseObject({
  experiment_id: names.describe('The run: its folder below the prefix.'),
  task_name: z.string().min(1).describe('The name of the task that runs one spec.'),
  specs_uri: z.string().regex(/^s3:\/\/[^/]+\/.+$/, 'Expected the address of an object, as s3://bucket/key'),
  storage_settings: z.object({ BUCKET: z.string().regex(/^[\w.-]+$/), BUCKET_PREFIX: names.default('scythe') }),
  recursion_map: z
    .object({
      path: z
        .array(z.object({ factor: z.int().min(1), offset: z.int().min(0).nullish() }))
        .max(MAX_DEPTH)
        .nullish(),
      factor: z.int().min(1),
      max_depth: z.int().min(0).max(10).default(10),
    })
    .describe('Where in a tree of fans this one stands. This fan runs all of its specs itself.'),
  save_errors: z.boolean().default(false),
})

/** The input of Python Scythe's `scythe_scatter_gather`: a whole run, or one branch of it. */
export type PythonFanInput = z.output<typeof inputSchema>

/** The output of Python Scythe's `scythe_scatter_gather`: the address of each table, by name. */
export interface PythonFanResult {
  readonly uris: Readonly<Record<string, string>>
}

/** Returns the input as JSON Schema, for the engine's form. */
export function pythonFanForm(): object {
  return { title: 'ScatterGatherInput', ...z.toJSONSchema(inputSchema, { io: 'input' }) }
}

/** Reads the input. Throws `TaskInvalidError` if the input is invalid. */
export function readPythonFanInput(input: unknown): PythonFanInput {
  const { data, error } = inputSchema.safeParse(input)
  if (data) return data
  throw invalidTask(error, input)
}
