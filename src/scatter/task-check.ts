import { z } from 'zod'
import type { DesiredWorkerLabel } from '../experiment/labels.js'
import { formatPath } from '../experiment/values.js'
import { storeForms } from '../store/backends.js'
import { isKey } from '../store/key.js'
import { isStoreUri } from '../store/open.js'
import type { Allocation } from './allocation.js'
import { TaskInvalidError } from './errors.js'
import { isBatch, LARGEST_PILOT, MAX_DEPTH, type Plan, wholeBatches } from './plan.js'
import type { Task } from './task.js'

/**
 * Longest name (`NAME`), and longest key of a run or address of a store (`ADDRESS`), in characters.
 * S3 has keys of 1,024 bytes.
 */
const NAME = 512
const ADDRESS = 2048
const LABELS = 64

/** Returns a schema for texts whose messages state the expected value. */
const text = (max: number, expected: string) => z.string(expected).min(1, expected).max(max, expected)
const rowExpected = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`
const row = z.int(rowExpected).min(0, rowExpected)
const depthExpected = `a whole number from 0 to ${MAX_DEPTH}`
const labelExpected = 'a label such as { value: "yes", required: true }'
const label: z.ZodType<DesiredWorkerLabel> = z.looseObject(
  {
    value: z.union([z.string().max(NAME), z.number()], labelExpected),
    required: z.boolean(labelExpected).optional(),
    weight: z.number(labelExpected).optional(),
  },
  labelExpected,
) as never

/**
 * The schema of a run's task, without the run. `checkPlace` checks whether the task fits the run.
 */
export const taskSchema = z.object(
  {
    kind: z.enum(['fan', 'leaf'], 'fan or leaf'),
    store: text(ADDRESS, "a store's address").refine(isStoreUri, {
      error: () => `a store's address: ${storeForms().join(' or ')}`,
    }),
    run: text(ADDRESS, "a run's key").refine(isKey, "a run's key: names joined by single slashes"),
    experiment: text(NAME, "an experiment's name"),
    labels: z
      .record(z.string().max(NAME), label, 'labels by their names')
      .refine((labels) => Object.keys(labels).length <= LABELS, `at most ${LABELS} labels`),
    start: row,
    end: row,
    depth: z.int(depthExpected).min(0, depthExpected).max(MAX_DEPTH, depthExpected),
    remote: z.boolean('true, false or nothing').optional(),
    schemas: text(NAME, 'a short text').optional(),
  },
  'an object',
)

/**
 * Reads the task of a node. Throws `TaskInvalidError` if the input is not a task: anyone can send
 * to an engine's names.
 */
export function readTask(input: unknown): Task {
  return readAs(taskSchema, input)
}

/** Reads a task like `readTask`, with a schema that is derived from the task's schema. */
export function readAs<T extends z.ZodType<Task>>(schema: T, input: unknown): z.output<T> {
  const { data, error } = schema.safeParse(input)
  if (error) throw invalidTask(error, input)
  if (data.end <= data.start) throw new TaskInvalidError('end', data.end, `a row after start, ${data.start}`)
  return data
}

/** Names for kinds of values, by zod's names. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/**
 * Returns the first problem of an input as an error. Only the expectation comes from zod's message:
 * the error shows the value itself.
 */
export function invalidTask({ issues }: z.ZodError, input: unknown): TaskInvalidError {
  const [{ path, message }] = issues as [z.core.$ZodIssue]
  const expected = message
    .replace(/^(?:[^:]*: )?expected /i, '')
    .replace(/, received .*$/, '')
    .replace(/^(?:string|number|int|boolean|array|object|record)$/, (kind) => KINDS[kind]!)
  const value = path.reduce<unknown>((part, step) => (part as Record<PropertyKey, unknown> | null)?.[step], input)
  return new TaskInvalidError(formatPath(path), value, expected)
}

/**
 * Throws `TaskInvalidError` if a task does not fit its run. A leaf is one batch of the plan. Before
 * the plan exists, only the pilot's batches are sent, which are small. A fan is the whole run, or
 * whole batches of the plan.
 */
export function checkPlace(task: Task, { specs, experiment_name, remote }: Allocation, plan: Plan | undefined): void {
  const { kind, start, end, depth } = task
  const refuse = (field: keyof Task, expected: string): never => {
    throw new TaskInvalidError(field, task[field], expected)
  }
  if (task.experiment !== experiment_name) refuse('experiment', `that of the run, ${experiment_name}`)
  if (task.remote !== undefined && task.remote !== (remote !== undefined)) refuse('remote', `${remote !== undefined}`)
  if (end > specs) refuse('end', `at most ${specs}, the specs of the run`)
  if (kind === 'leaf') {
    if (remote) refuse('kind', 'fan: each spec of this run is a task of its own')
    // A batch whose workers died continues spec by spec.
    const fits = plan ? isBatch(plan, task) || end - start === 1 : end - start <= LARGEST_PILOT
    if (!fits) refuse('end', `that of a batch of the run at ${start}`)
  } else if (depth === 0) {
    if (start > 0) refuse('start', '0: a fan of depth 0 is the whole run')
    if (end < specs) refuse('end', `${specs}: a fan of depth 0 is the whole run`)
  } else {
    if (!plan) refuse('depth', '0, because the run has no plan yet')
    else if (!wholeBatches(plan, task)) refuse('end', `such that ${start} to ${end} are whole batches of the run`)
  }
}
