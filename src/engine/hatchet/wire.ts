import { z } from 'zod'
import { ScytheError } from '../../errors.js'
import { TaskInvalidError } from '../../scatter/errors.js'
import type { Task } from '../../scatter/task.js'
import { readTask, taskSchema } from '../../scatter/task-check.js'

/** The name of our fan task, and of the one whose input is Python Scythe's. */
export const FAN = 'scythe_fan'
export const PYTHON_FAN = 'scythe_scatter_gather'

/** Bytes of JSON that a task may give back: engines refuse messages of 4 MiB, and a receipt can be read from the store. */
const LARGEST_RESULT = 512 * 1024

const wireSchema = taskSchema.omit({ remote: true, schemas: true }).extend({
  /** The id of the run's root task; null in the root itself, which has none before it is taken. */
  root: z.string("the id of the run's root task, or null").max(200).nullable(),
})

/** A task as it travels. A type and not an interface: the SDK takes plain JSON types only. */
export type WireTask = z.infer<typeof wireSchema>

export function encodeTask(task: Task, root: string | null): WireTask {
  const { kind, store, run, experiment, labels, start, end, depth } = task
  return { kind, store, run, experiment, labels, start, end, depth, root }
}

/** Reads what came under the name of this kind of task. Throws `TaskInvalidError`: somebody else may send to it as well. */
export function decodeTask(input: unknown, kind: Task['kind']): WireTask {
  const task = readTask(wireSchema, input)
  if (task.kind !== kind) throw new TaskInvalidError('kind', task.kind, kind)
  return task
}

/** What a task gives travels in an object, because an engine makes `{}` of what was cancelled and null of what is falsy. */
export type WireResult = { result: unknown }

export function encodeResult(result: unknown): WireResult {
  const text = JSON.stringify(result ?? null)
  return { result: Buffer.byteLength(text) <= LARGEST_RESULT ? (result ?? null) : null }
}

/** `undefined` for what is not a result of ours. */
export function decodeResult(output: unknown): WireResult | undefined {
  const wrapped = output as Partial<WireResult> | null | undefined
  return wrapped && typeof wrapped === 'object' && 'result' in wrapped ? { result: wrapped.result } : undefined
}

/** A task that failed on a worker. `code` and message are those of the error there. */
export class TaskFailedError extends ScytheError<string> {}

/** An error as text that stands in the engine's list of runs; its code goes in front, so that it can be told from others. */
export function failureText(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const text = typeof message === 'string' ? message : String(error)
  return `[${typeof code === 'string' ? code : 'UNEXPECTED'}] ${text}`
}

/** What the engine says of a task that lost ten workers one after the other. */
const ENDED_WORKERS = /reached its maximum reassignment count/

/**
 * The error behind what an engine says of a failed task: JSON with a message, a Python exception with its traceback, or a sentence of
 * its own.
 */
export function failureOf(text: string): TaskFailedError {
  const python = pythonFailure(text)
  if (python) return python
  let message = text
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) message = String(parsed.message)
    else if (typeof parsed === 'string') message = parsed
  } catch {
    // The engine's own words are no JSON.
  }
  const [, code = ENDED_WORKERS.test(message) ? 'TASK_DEADLY' : 'TASK_FAILED', rest = message] =
    /^\[([A-Z_]+)\] ([\s\S]*)$/.exec(message) ?? []
  return new TaskFailedError(code, rest)
}

/** Python's SDK writes `ValueError: message`, lines of which end in a backslash but for the last, the traceback, and metadata as JSON. */
function pythonFailure(text: string): TaskFailedError | undefined {
  const [, name, message, trace] =
    /^([A-Za-z_][\w.]*)(?:: ((?:[^\n]*\\\n)*[^\n]*))?\n(Traceback \(most recent call last\):[\s\S]*)$/.exec(text) ?? []
  if (name === undefined || trace === undefined) return undefined
  const failure = new TaskFailedError('TASK_FAILED', (message ?? '').replaceAll('\\\n', '\n'))
  failure.name = name
  failure.stack = trace.replace(/\s+\{"__hatchet_error_metadata__".*\}\s*$/, '')
  return failure
}
