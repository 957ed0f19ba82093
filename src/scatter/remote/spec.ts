import type { SpecError } from '../../experiment/spec-error.js'
import type { Allocation } from '../allocation.js'
import type { RunFolder } from '../run-folder.js'
import type { SpecParts } from '../spec-batch.js'
import { runSpecTask } from '../spec-task.js'
import type { Task, TaskHost } from '../task.js'
import { remoteInput, storageSettingsOf } from './input.js'
import { outputReader } from './output.js'
import { errorTables, resultTables } from './rows.js'

type Row = Readonly<Record<string, unknown>>

/** Specs that are tasks of their own, which other workers serve. */
export interface RemoteSpecs {
  /**
   * Runs a spec. Resolves with its rows: those of its result, or of its error. `spec` is its row of
   * `specs.pq`, `depth` the depth of its batch in the tree.
   */
  run(spec: Row, depth: number): Promise<SpecParts>
  /** Prevents further spawns. */
  close(): void
}

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

  async function runSpec(spec: Row, depth: number): Promise<SpecParts> {
    const row = Number(spec.sort_index)
    const place = { ...spec, experiment_id: experimentId, root_workflow_run_id: host.rootId }
    const refuse = (id: string, error: Partial<SpecError>) =>
      errorTables(allocation, { ...place, workflow_run_id: id }, error)
    if (closed) throw new Error('The fan has ended.')
    const task = { ...fan, kind: 'single', start: row, end: row + 1, depth, input: inputOf(spec) } as const
    const outcome = await runSpecTask(host, task, `${row}`)
    const { id, attempts } = outcome
    if ('error' in outcome) return refuse(id, { ...outcome.error, attempts })
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
