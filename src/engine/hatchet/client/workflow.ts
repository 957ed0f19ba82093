import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { IncludedWorkflow } from '../../../experiment/registry.js'
import type { RootHandle } from '../../engine.js'
import { TaskFailedError } from '../../errors.js'
import { standaloneTask } from '../internals.js'
import { type AnyWorkflow, ensureRegistered } from '../tasks.js'
import { endOfReading, failureOf } from '../wire.js'
import type { Results } from './results.js'

/** Runs a workflow as declared, whether or not a worker serves it already. */
export async function runWorkflow(
  client: HatchetClient,
  results: Results,
  workflow: IncludedWorkflow,
  input: object,
  metadata: Readonly<Record<string, string>>,
): Promise<Pick<RootHandle, 'id' | 'done' | 'cancel'>> {
  const declared = workflow as unknown as AnyWorkflow
  await ensureRegistered(client, declared)
  const ref = await client.admin.runWorkflow(workflow.name, input, { additionalMetadata: { ...metadata } })
  const id = await ref.runId
  const done = endOfReading(id, readOutput(client, results, declared, id))
  return {
    id,
    done,
    cancel: async () => {
      await client.runs.cancel({ ids: [id] })
    },
  }
}

async function readOutput(
  client: HatchetClient,
  results: Results,
  workflow: AnyWorkflow,
  id: string,
): Promise<unknown> {
  const { error } = await results.ended(id)
  if (error) throw failureOf(error)
  const { status, taskRuns } = await client.runs.getDetails(id)
  if (status !== 'COMPLETED') {
    throw new TaskFailedError('CANCELLED', `${workflow.name} was cancelled, or waited too long for a worker.`)
  }
  const outputs: Record<string, unknown> = Object.fromEntries(
    Object.entries(taskRuns).map(([task, { output }]) => [task, output]),
  )
  const standalone = standaloneTask(workflow)
  return standalone === undefined ? outputs : outputs[standalone]
}
