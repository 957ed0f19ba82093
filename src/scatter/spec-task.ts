import { codeOf } from '../error-codes.js'
import type { SpecError } from '../experiment/spec-error.js'
import { isSpecsOwn, liesWithSpecs, NodeFailedError } from './errors.js'
import type { SingleTask, TaskEnd, TaskHost } from './task.js'

/** The outcome of a spec that was a task of its own. `id` is the id of the task. */
export type SpecTaskResult = { readonly id: string; readonly attempts: number } & (
  | { readonly output: unknown }
  | { readonly error: Partial<SpecError> }
)

/**
 * Number of attempts at a spec whose task ended without an outcome. A task that never began does
 * not count.
 */
const ATTEMPTS = 3
/** Largest input, in bytes of JSON: engines refuse messages of 4 MiB. */
const LARGEST_INPUT = 3_000_000

/**
 * Runs one spec as a task of its own, until there is an outcome. `key` is the same for a spec
 * whenever its fan runs again. Rejects with `NodeFailedError` if every attempt ended without an
 * outcome, at least one of them for a reason other than the spec.
 */
export async function runSpecTask(host: TaskHost, task: SingleTask, key: string): Promise<SpecTaskResult> {
  const bytes = Buffer.byteLength(JSON.stringify(task.input))
  if (bytes > LARGEST_INPUT) {
    const message = `Expected an input of at most ${LARGEST_INPUT} bytes of JSON, got ${bytes}. Give what is large as a file.`
    return { id: host.id, attempts: 0, error: { code: 'INPUT_TOO_LARGE', name: 'INPUT_TOO_LARGE', message } }
  }
  const causes: unknown[] = []
  for (let spawned = 1; causes.length < ATTEMPTS; spawned++) {
    host.signal.throwIfAborted()
    const end = await host.spawn(task, `${key}#${spawned}`).done
    const place = { id: end.id, attempts: causes.length + 1 }
    if (end.status === 'returned') return { ...place, output: end.value }
    if (end.status === 'failed' && isSpecsOwn(end.error)) return { ...place, error: describe(end) }
    if (end.status !== 'lost' && end.status !== 'expired') causes.push(end.error)
  }
  host.signal.throwIfAborted()
  const cause = causes.findLast((cause) => !liesWithSpecs(cause)) ?? causes.at(-1)
  if (!liesWithSpecs(cause)) throw new NodeFailedError(task.run, task.start, task.end, { cause })
  const message = `The spec ended ${ATTEMPTS} times without an output: ${(cause as Error).message}`
  return { id: host.id, attempts: ATTEMPTS, error: { code: 'SPEC_LOST', name: 'SPEC_LOST', message } }
}

function describe({ error, thrown }: Extract<TaskEnd, { status: 'failed' }>): Partial<SpecError> {
  const code = codeOf(error)
  return { ...(code !== undefined && { code, name: code }), message: error.message, ...thrown }
}
