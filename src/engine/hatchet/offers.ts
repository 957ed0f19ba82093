import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { codeOf } from '../../error-codes.js'
import type { Experiment } from '../../experiment/experiment.js'
import type { WorkerLabels } from '../../experiment/labels.js'
import { schemaTagOf } from '../../scatter/schemas.js'
import type { Task } from '../../scatter/task.js'
import type { WorkerOptions } from '../engine.js'

/**
 * Returns the name of the label that contains the tag of a worker's schemas. The engine assigns the
 * worker only batches of runs with equal schemas.
 */
export function schemasLabel(experiment: string): string {
  return `${experiment}:schemas`
}

/** First character of the label's value while a worker cannot run the experiment. */
export const UNABLE = '!'

/**
 * First and longest pause in ms of a worker that cannot load an experiment. Each pause is twice as
 * long as the previous one.
 */
const FIRST_PAUSE = 30_000
const LONGEST_PAUSE = 600_000
/** Interval between two attempts to update a label while the engine is unavailable, in ms. */
const TELL_AGAIN_MS = 5_000
/** Number of runs to remember, so that a refusal is reported once. */
const REMEMBERED = 1_000

/** Manages the labels that declare to the engine which experiments a worker can run. */
export interface Offers {
  /** The labels with which the worker registers. */
  readonly labels: WorkerLabels
  /**
   * Records that work was refused. If the code cannot be loaded, the engine assigns the worker no
   * tasks of the experiment for a while.
   */
  refused(workerId: string | undefined, task: Pick<Task, 'run' | 'experiment'>, error: Error): Promise<void>
  /** Records that a batch of this experiment ran. */
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

  /** Sets the label. Resolves with whether the engine has accepted it. */
  async function tell(workerId: string | undefined, experiment: string, value: string | undefined): Promise<boolean> {
    if (workerId === undefined || value === undefined) return true
    return client.dispatcher.upsertWorkerLabels(workerId, { [schemasLabel(experiment)]: value }).then(
      () => true,
      () => false,
    )
  }

  /**
   * Restores the label. Repeats the attempt until the engine has accepted it, because the worker
   * would otherwise never receive tasks of the experiment again.
   */
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
