import { z } from 'zod'
import { codeOf } from '../../error-codes.js'
import { TaskInvalidError } from '../../scatter/errors.js'
import type { Task, TaskEnd } from '../../scatter/task.js'
import { readAs, taskSchema } from '../../scatter/task-check.js'
import { own } from '../../settings/own.js'
import { TaskFailedError } from '../errors.js'

/** The name of the fan task. */
export const FAN = 'scythe_fan'
/** Prefix of the failure message of a task that its worker requeues. */
export const REQUEUED = '[HANDED_BACK]'

/**
 * Maximum size of a task's result, in bytes of JSON. Engines reject messages of 4 MiB, and a
 * receipt can be read from the store.
 */
const LARGEST_RESULT = 512 * 1024

const wireSchema = taskSchema.omit({ remote: true, schemas: true }).extend({
  /**
   * The id of the run's root task; null in the root itself, which has no id before the engine
   * accepts it.
   */
  root: z.string("the id of the run's root task, or null").max(200).nullable(),
})

/**
 * A task as it is sent. It is a type and not an interface, because the SDK accepts only plain JSON
 * types.
 */
export type WireTask = z.infer<typeof wireSchema>

export function encodeTask(task: Task, root: string | null): WireTask {
  const { kind, store, run, experiment, labels, start, end, depth } = task
  return { kind, store, run, experiment, labels, start, end, depth, root }
}

/**
 * Reads the input of a task of this kind. Throws `TaskInvalidError` if the input is invalid,
 * because anyone may submit to the task's name.
 */
export function decodeTask(input: unknown, kind: Task['kind']): WireTask {
  const task = readAs(wireSchema, input)
  if (task.kind !== kind) throw new TaskInvalidError('kind', task.kind, kind)
  return task
}

/**
 * A task's result as it is sent: in an object, because the engine reports `{}` for a cancelled task
 * and null for a falsy result.
 */
export type WireResult = { result: unknown }

export function encodeResult(result: unknown): WireResult {
  const text = JSON.stringify(result ?? null)
  return { result: Buffer.byteLength(text) <= LARGEST_RESULT ? (result ?? null) : null }
}

/** Reads a result. Returns `undefined` if it does not come from a task of this package. */
export function decodeResult(output: unknown): WireResult | undefined {
  const wrapped = output as Partial<WireResult> | null | undefined
  return wrapped && typeof wrapped === 'object' && 'result' in wrapped ? { result: wrapped.result } : undefined
}

/**
 * Formats an error for the engine's list of runs. Its code comes first, so that `failureOf` finds
 * it.
 */
export function failureText(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const text = typeof message === 'string' ? message : String(error)
  return `[${typeof code === 'string' ? code : 'UNEXPECTED'}] ${text}`
}

/** Matches the engine's message about a task that lost ten workers one after the other. */
const ENDED_WORKERS = /reached its maximum reassignment count/

/**
 * Returns the error that the engine's text about a failed task describes: JSON with a message, a
 * Python exception with its traceback, or a sentence of the engine itself.
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
    // The engine's own sentences are not JSON.
  }
  const [, code = ENDED_WORKERS.test(message) ? 'TASK_DEADLY' : 'TASK_FAILED', rest = message] =
    /^\[([A-Z_]+)\] ([\s\S]*)$/.exec(message) ?? []
  return new TaskFailedError(code, rest)
}

/**
 * Maps the error codes with which the engine, or a worker, reports other ends of tasks to their
 * statuses.
 */
const STATUS_OF: Readonly<Record<string, Exclude<TaskEnd['status'], 'returned' | 'failed'>>> = {
  CANCELLED: 'cancelled',
  HANDED_BACK: 'requeued',
  TASK_EXPIRED: 'expired',
  TASK_UNKNOWN: 'lost',
}

/** Returns how a task ended, derived from the error that represents the end. */
export function endOf(id: string, cause: unknown): TaskEnd {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const code = codeOf(error)
  const status = (code !== undefined && own(STATUS_OF, code)) || 'failed'
  if (status !== 'failed') return { id, status, error }
  return { id, status, error, thrown: error instanceof TaskFailedError ? error.thrown : undefined }
}

/** Resolves with how a task ended: with the value that `reading` resolves with, or with its error. */
export function endOfReading(id: string, reading: Promise<unknown>): Promise<TaskEnd> {
  return reading.then(
    (value): TaskEnd => ({ id, status: 'returned', value }),
    (error) => endOf(id, error),
  )
}

/** Matches the engine's message about a task that exceeded the time limit of its definition. */
const TOO_LONG = /^Task exceeded timeout/

/**
 * Returns the error of a failed task that ran one spec, like `failureOf`. Only workers of this
 * package report codes, so a failure of any other worker is the spec's own failure.
 */
export function specFailureOf(text: string): TaskFailedError {
  const failure = failureOf(text)
  if (failure.code !== 'TASK_FAILED') return failure
  if (TOO_LONG.test(failure.message)) return new TaskFailedError('SPEC_TIMED_OUT', failure.message)
  return new TaskFailedError('SPEC_FAILED', failure.message, failure.thrown)
}

/**
 * Reads a Python exception. Python's SDK writes `ValueError: message`, in which every line but the
 * last ends in a backslash, then the traceback, and metadata as JSON.
 */
function pythonFailure(text: string): TaskFailedError | undefined {
  const [, name, message, trace] =
    /^([A-Za-z_][\w.]*)(?:: ((?:[^\n]*\\\n)*[^\n]*))?\n(Traceback \(most recent call last\):[\s\S]*)$/.exec(text) ?? []
  if (name === undefined || trace === undefined) return undefined
  const stack = trace.replace(/\s+\{"__hatchet_error_metadata__".*\}\s*$/, '')
  return new TaskFailedError('TASK_FAILED', (message ?? '').replaceAll('\\\n', '\n'), { name, stack })
}
