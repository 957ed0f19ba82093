import type { SpecError } from '../execute/spec-error.js'
import type { Allocation } from './allocation.js'
import { NOT_THE_SPECS, NodeFailedError } from './errors.js'
import { remoteInput, storageSettingsOf } from './remote-input.js'
import { outputReader } from './remote-output.js'
import { errorTables, resultTables, type SpecTables } from './remote-rows.js'
import type { RunFolder } from './run-folder.js'
import type { SpecOutcome, Task, TaskHost } from './task.js'

type Row = Readonly<Record<string, unknown>>

/** Specs that are tasks of their own, which others serve. */
export interface RemoteSpecs {
  /** A spec's rows, those of its result or of its error. `spec` is its row of `specs.pq`, `depth` its batch's place in the tree. */
  run(spec: Row, depth: number): Promise<SpecTables>
  /** Spawns no more. */
  close(): void
}

/** How often a spec is spawned whose task ended without a word. One that waited too long never began, and does not count. */
const TRIES = 3
/** Bytes of JSON: engines refuse messages of 4 MiB. */
const LARGEST_INPUT = 3_000_000

export function createRemoteSpecs(
  { folder, allocation }: RunFolder,
  remote: NonNullable<Allocation['remote']>,
  fan: Task,
  host: TaskHost,
): RemoteSpecs {
  const experimentId = allocation.experiment_id
  const inputOf = remoteInput(remote.io_spec, { experimentId, storage: storageSettingsOf({ uri: fan.store }), host })
  const readOutput = outputReader(remote.io_spec)
  let closed = false

  function checkOpen() {
    host.signal.throwIfAborted()
    if (closed) throw new Error('The fan has ended.')
  }

  /** Spawns a spec until there is an outcome. */
  async function outcomeOf(
    row: number,
    depth: number,
    input: Record<string, unknown>,
  ): Promise<SpecOutcome & { tries: number }> {
    let cause: unknown
    for (let spawned = 1, lost = 0; lost < TRIES; spawned++) {
      checkOpen()
      const task = { ...fan, kind: 'single', start: row, end: row + 1, depth, input } as const
      try {
        return { ...((await host.spawn(task, `${row}#${spawned}`).done) as SpecOutcome), tries: lost + 1 }
      } catch (error) {
        cause = error
        if ((error as { code?: unknown }).code !== 'TASK_EXPIRED') lost += 1
      }
    }
    checkOpen()
    const message = `The spec ended ${TRIES} times without an output: ${cause instanceof Error ? cause.message : cause}`
    return {
      id: host.id,
      failure: Object.assign(new Error(message), { name: 'SPEC_LOST', code: 'SPEC_LOST' }),
      tries: TRIES,
    }
  }

  async function runSpec(spec: Row, depth: number): Promise<SpecTables> {
    const row = Number(spec.sort_index)
    const place = { ...spec, experiment_id: experimentId, root_workflow_run_id: host.rootId }
    const refuse = (id: string, error: Partial<SpecError>) =>
      errorTables(allocation, { ...place, workflow_run_id: id }, error)
    const input = inputOf(spec)
    const bytes = Buffer.byteLength(JSON.stringify(input))
    if (bytes > LARGEST_INPUT) {
      const message = `Expected an input of at most ${LARGEST_INPUT} bytes of JSON, got ${bytes}. Give what is large as a file.`
      return refuse(host.id, { code: 'INPUT_TOO_LARGE', name: 'INPUT_TOO_LARGE', message, attempts: 0 })
    }
    const outcome = await outcomeOf(row, depth, input)
    const { id, tries: attempts } = outcome
    if ('failure' in outcome) {
      const { failure } = outcome
      if (NOT_THE_SPECS.has(failure.code)) throw new NodeFailedError(fan.run, row, row + 1, { cause: failure })
      return refuse(id, { ...describe(failure), attempts })
    }
    try {
      return await resultTables(folder, allocation, { ...place, workflow_run_id: id }, readOutput(outcome.output))
    } catch (error) {
      const { code, name, message } = error as Error & { code?: string }
      if (code !== 'OUTPUT_INVALID') throw error
      return refuse(id, { code, name, message, attempts })
    }
  }

  return {
    run: runSpec,
    close() {
      closed = true
    },
  }
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
