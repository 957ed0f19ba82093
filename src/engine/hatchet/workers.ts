import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { type DesiredWorkerLabels, missingLabels } from '../../experiment/labels.js'
import { batchName } from '../../experiment/names.js'
import { FAN } from './wire.js'

/** What no worker on the engine has that an experiment's tasks need. */
export async function lackingOn(
  client: HatchetClient,
  experiment: string,
  desired: DesiredWorkerLabels,
  remote = false,
): Promise<string[]> {
  const { rows = [] } = await client.workers.list()
  const active = rows.filter(({ status }) => status === 'ACTIVE')
  const serving = (task: string) => {
    const action = actionOf(client, task)
    return active.filter(({ actions }) => actions?.includes(action))
  }
  const leaves = serving(remote ? experiment : batchName(experiment)).map(({ labels }) =>
    missingLabels(desired, Object.fromEntries((labels ?? []).map(({ key, value }) => [key, value ?? '']))),
  )
  const [least] = leaves.sort((a, b) => a.length - b.length)
  return [
    ...(serving(FAN).length === 0 ? ['a worker that does fan work'] : []),
    ...(least ?? [`a worker that serves ${experiment}`, ...Object.keys(desired)]),
  ]
}

/** A workflow's task as the engine lists it among a worker's actions; a workflow of one task has that task's name. */
export function actionOf({ config }: HatchetClient, workflow: string, task = workflow): string {
  return `${config.namespace ?? ''}${workflow}:${task}`.toLowerCase()
}
