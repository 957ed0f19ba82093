import type { Experiment } from '../experiment/experiment.js'
import { isRemote } from '../experiment/remote.js'
import { BaseExperiment } from '../run/base-experiment.js'
import { heard } from '../run/spec-place.js'
import type { Store } from '../store/store.js'
import { storeAt } from './find-run.js'
import { followRun } from './follow.js'
import { formatAddress } from './format.js'
import { whyNotOwn } from './project.js'

export interface RunSpecsOptions {
  readonly json: boolean
  readonly slots: number | undefined
  readonly detach?: boolean
  readonly storeAddress: string | undefined
  readonly version?: string | undefined
  readonly batch?: number | undefined
}

/** Allocates specs and runs them to the end. Resolves with the exit code. */
export function runSpecs(
  experiment: Experiment,
  specs: Iterable<unknown> | AsyncIterable<unknown>,
  { version, batch, detach = false, ...options }: RunSpecsOptions,
): Promise<number> {
  const store = storeAt(options.storeAddress)
  // The experiment is passed by name: the function of a static method is not the registered one,
  // but is bound to its class.
  const runnable = isRemote(experiment) ? experiment : experiment.name
  const runs = new BaseExperiment({ runnable, store })
  const allocating = new AbortController()
  return followRun(
    store,
    async (start, reading) => {
      const { ref } = await runs.allocate(counted(specs, reading), {
        ...start,
        signal: allocating.signal,
        ...(version === undefined ? {} : { version }),
        ...(batch === undefined ? {} : { batch }),
      })
      return ref
    },
    { ...options, module: moduleToName(experiment, store), detach, doneBefore: 0, allocating },
  )
}

/**
 * Returns the name of a run's code that `resume` needs, or `undefined` if `resume` accepts the
 * module that the run names.
 */
function moduleToName(experiment: Experiment, store: Store): string | undefined {
  if (isRemote(experiment) || whyNotOwn(experiment.module, store) === undefined) return undefined
  return formatAddress(experiment.module)
}

const COUNTED_AT_ONCE = 1000

function counted(specs: Iterable<unknown> | AsyncIterable<unknown>, tell: (count: number) => void) {
  return heard(specs, (_, row) => {
    if (row > 0 && row % COUNTED_AT_ONCE === 0) tell(row)
  })
}
