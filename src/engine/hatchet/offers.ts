import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { WorkerLabels } from '../../experiment/labels.js'
import { codeOf } from '../../scatter/errors.js'
import { schemaTagOf } from '../../scatter/schemas.js'
import type { Task } from '../../scatter/task.js'
import type { WorkerOptions } from '../engine.js'

/** The label of a worker that says with which schemas it has an experiment. The engine gives it batches of runs with the same alone. */
export function schemasLabel(experiment: string): string {
  return `${experiment}:schemas`
}

/** How the label's value begins while a worker cannot run the experiment. */
export const UNABLE = '!'

/** How long a worker takes nothing of an experiment that it cannot load, in ms: longer each time. */
const FIRST_PAUSE = 30_000
const LONGEST_PAUSE = 600_000
/** Between two attempts to tell an engine that is away, in ms. */
const TELL_AGAIN_MS = 5_000
/** Runs that are remembered, so that a refusal is said once. */
const REMEMBERED = 1_000

/** What a worker lets the engine know that it can run. */
export interface Offers {
  /** To begin with. */
  readonly labels: WorkerLabels
  /** Says that work was refused. Where it was for the code, the engine gives the worker none of the experiment for some while. */
  refused(workerId: string | undefined, task: Pick<Task, 'run' | 'experiment'>, error: Error): Promise<void>
  /** A batch of this experiment was run. */
  worked(experiment: string): void
}

export function createOffers(client: HatchetClient, { experiments = [], slots, onRefusal }: WorkerOptions): Offers {
  const offered = slots > 0 ? experiments : []
  const labels = Object.fromEntries(offered.map((one) => [schemasLabel(one.name), schemaTagOf(one)]))
  const pauses = new Map<string, { next: number; over: boolean }>()
  const said = new Set<string>()

  /** Resolves with whether the engine has heard it. */
  async function tell(workerId: string | undefined, experiment: string, value: string | undefined): Promise<boolean> {
    if (workerId === undefined || value === undefined) return true
    return client.dispatcher.upsertWorkerLabels(workerId, { [schemasLabel(experiment)]: value }).then(
      () => true,
      () => false,
    )
  }

  /** A worker whose label is not put back would never be given anything again: it is told until it is heard. */
  async function takeBack(workerId: string | undefined, experiment: string): Promise<void> {
    while (!(await tell(workerId, experiment, labels[schemasLabel(experiment)]))) {
      await sleep(TELL_AGAIN_MS, undefined, { ref: false })
    }
  }

  return {
    labels,
    async refused(workerId, { run, experiment }, error) {
      if (codeOf(error) !== 'EXPERIMENT_NOT_LOADED') {
        if (said.has(run)) return
        said.add(run)
        if (said.size > REMEMBERED) said.delete(said.values().next().value!)
        onRefusal?.({ run, experiment, error })
        return
      }
      const known = pauses.get(experiment)
      if (known && !known.over) return
      const pause = known?.next ?? FIRST_PAUSE
      const state = { next: Math.min(pause * 2, LONGEST_PAUSE), over: false }
      pauses.set(experiment, state)
      onRefusal?.({ run, experiment, error, pause })
      await tell(workerId, experiment, `${UNABLE}${codeOf(error)}`)
      setTimeout(() => {
        state.over = true
        void takeBack(workerId, experiment)
      }, pause).unref()
    },
    worked: (experiment) => void pauses.delete(experiment),
  }
}
