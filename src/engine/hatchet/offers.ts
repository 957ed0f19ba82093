import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { Experiment } from '../../experiment/experiment.js'
import type { WorkerLabels } from '../../experiment/labels.js'
import { codeOf } from '../../scatter/errors.js'
import { schemaTagOf } from '../../scatter/schemas.js'
import type { Task } from '../../scatter/task.js'
import type { WorkerOptions } from '../engine.js'

/** Names the label with the tag of a worker's schemas. The engine gives the worker only batches of runs with equal schemas. */
export function schemasLabel(experiment: string): string {
  return `${experiment}:schemas`
}

/** First character of the label's value while a worker cannot run the experiment. */
export const UNABLE = '!'

/** Pauses of a worker that cannot load an experiment, in ms: longer each time. */
const FIRST_PAUSE = 30_000
const LONGEST_PAUSE = 600_000
/** Interval between two attempts to tell an engine that is away, in ms. */
const TELL_AGAIN_MS = 5_000
/** Number of runs that are remembered, so that a refusal is reported once. */
const REMEMBERED = 1_000

/** The labels that tell the engine what a worker can run. */
export interface Offers {
  /** Labels at the start. */
  readonly labels: WorkerLabels
  /** Records that work was refused. If the code cannot be loaded, the engine gives the worker none of the experiment for a while. */
  refused(workerId: string | undefined, task: Pick<Task, 'run' | 'experiment'>, error: Error): Promise<void>
  /** Records that a batch of this experiment was run. */
  worked(experiment: string): void
}

export function createOffers(
  client: HatchetClient,
  { slots, onRefusal }: WorkerOptions,
  experiments: readonly Experiment[] = [],
): Offers {
  const offered = slots > 0 ? experiments : []
  const labels = Object.fromEntries(offered.map((one) => [schemasLabel(one.name), schemaTagOf(one)]))
  const pauses = new Map<string, { next: number; over: boolean }>()
  const said = new Set<string>()

  /** Resolves with whether the engine has taken the label. */
  async function tell(workerId: string | undefined, experiment: string, value: string | undefined): Promise<boolean> {
    if (workerId === undefined || value === undefined) return true
    return client.dispatcher.upsertWorkerLabels(workerId, { [schemasLabel(experiment)]: value }).then(
      () => true,
      () => false,
    )
  }

  /** Restores the label. Repeats it until the engine has taken it, or the worker would never get work again. */
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
