import type { SpecError } from '../experiment/spec-error.js'
import { codeOf, isSpecsOwn, liesWithSpecs, NodeFailedError } from './errors.js'
import type { SingleTask, SpecOutcome, TaskHost } from './task.js'

/** How a spec ended that was a task of its own: `id` is the task's. */
export type SpecTaskResult = { readonly id: string; readonly attempts: number } & (
  | { readonly output: unknown }
  | { readonly error: Partial<SpecError> }
)

/** How often a spec is spawned whose task ended without a word. One that never began does not count. */
const TRIES = 3
const NEVER_BEGAN = new Set(['TASK_EXPIRED', 'TASK_UNKNOWN'])
/** Bytes of JSON: engines refuse messages of 4 MiB. */
const LARGEST_INPUT = 3_000_000

/**
 * Runs one spec as a task of its own, until there is an outcome. `key` is the same for the same spec whenever the fan is run again.
 * Throws `NodeFailedError` if it ended again and again for a reason that is not the spec's.
 */
export async function runSpecTask(host: TaskHost, task: SingleTask, key: string): Promise<SpecTaskResult> {
  const bytes = Buffer.byteLength(JSON.stringify(task.input))
  if (bytes > LARGEST_INPUT) {
    const message = `Expected an input of at most ${LARGEST_INPUT} bytes of JSON, got ${bytes}. Give what is large as a file.`
    return { id: host.id, attempts: 0, error: { code: 'INPUT_TOO_LARGE', name: 'INPUT_TOO_LARGE', message } }
  }
  const causes: unknown[] = []
  for (let spawned = 1; causes.length < TRIES; spawned++) {
    host.signal.throwIfAborted()
    try {
      const outcome = (await host.spawn(task, `${key}#${spawned}`).done) as SpecOutcome
      const end = { id: outcome.id, attempts: causes.length + 1 }
      if ('output' in outcome) return { ...end, output: outcome.output }
      if (isSpecsOwn(outcome.failure)) return { ...end, error: describe(outcome.failure) }
      causes.push(outcome.failure)
    } catch (error) {
      if (!NEVER_BEGAN.has(codeOf(error))) causes.push(error)
    }
  }
  host.signal.throwIfAborted()
  const cause = causes.findLast((cause) => !liesWithSpecs(cause)) ?? causes.at(-1)
  if (!liesWithSpecs(cause)) throw new NodeFailedError(task.run, task.start, task.end, { cause })
  const message = `The spec ended ${TRIES} times without an output: ${(cause as Error).message}`
  return { id: host.id, attempts: TRIES, error: { code: 'SPEC_LOST', name: 'SPEC_LOST', message } }
}

const TOO_LONG = /^Task exceeded timeout/

/** A failure as others report it: only a worker of ours gives a code of its own, and only Python its stack. */
function describe({ code, name, message, stack = '' }: Error & { readonly code: string }): Partial<SpecError> {
  if (code !== 'TASK_FAILED') return { code, name: code, message }
  if (TOO_LONG.test(message)) return { code: 'SPEC_TIMED_OUT', name: 'SPEC_TIMED_OUT', message }
  return stack.startsWith('Traceback')
    ? { code: 'SPEC_FAILED', name, message, stack }
    : { code: 'SPEC_FAILED', name: 'SPEC_FAILED', message }
}
