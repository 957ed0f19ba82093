import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { missingLabels } from '../../../experiment/labels.js'
import { batchName } from '../../../experiment/names.js'
import type { Needs } from '../../engine.js'
import { schemasLabel, UNABLE } from '../offers.js'
import { FAN } from '../wire.js'

/** Maximum number of workers to name if none can do the work. */
const NAMED = 3

/** Resolves with the requirements of a run's leaf tasks that no connected worker meets. */
export async function unmetRequirementsOn(client: HatchetClient, needs: Needs): Promise<string[]> {
  const { experiment, labels: desired, remote = false } = needs
  const { rows = [] } = await client.workers.list()
  const active = rows.filter(({ status }) => status === 'ACTIVE')
  const serving = (task: string) => {
    const action = actionOf(client, task)
    return active.filter(({ actions }) => actions?.includes(action))
  }
  const leaves = serving(remote ? experiment : batchName(experiment)).map(({ name, labels = [] }) => {
    const has = Object.fromEntries(labels.map(({ key, value }) => [key, value ?? '']))
    return { missing: missingLabels(desired, has), unable: whyUnable(needs, name, has[schemasLabel(experiment)]) }
  })
  const unable = leaves.flatMap((worker) => worker.unable ?? [])
  const able = leaves.filter((worker) => worker.unable === undefined)
  const [least] = able.map(({ missing }) => missing).sort((a, b) => a.length - b.length)
  const why = unable.length > 0 ? ` as this run needs it (${unable.slice(0, NAMED).join(', ')})` : ''
  return [
    ...(serving(FAN).length === 0 ? ['a worker that does fan work'] : []),
    ...(least ?? [`a worker that serves ${experiment}${why}`, ...Object.keys(desired)]),
  ]
}

/**
 * Returns why a worker accepts none of the run's batches. `has`: the tag of the schemas that the
 * worker declares for the experiment.
 */
function whyUnable({ schemas }: Needs, name: string, has: string | undefined): string | undefined {
  if (has?.startsWith(UNABLE)) return `${name} cannot load it`
  if (schemas === undefined || has === schemas) return undefined
  return has === undefined ? `${name} is an older Scythe` : `${name} has other schemas`
}

/**
 * Returns the name by which the engine lists a workflow's task among a worker's actions. In a
 * workflow of one task, the task has the workflow's name.
 */
export function actionOf({ config }: HatchetClient, workflow: string, task = workflow): string {
  return `${config.namespace ?? ''}${workflow}:${task}`.toLowerCase()
}
