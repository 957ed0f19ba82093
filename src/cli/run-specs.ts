import type { Experiment } from '../experiment/experiment.js'
import { isRemote } from '../experiment/remote.js'
import { BaseExperiment } from '../run/base-experiment.js'
import { storeAt } from './find-run.js'
import { followRun } from './follow.js'

export interface RunSpecsOptions {
  readonly json: boolean
  readonly slots: number | undefined
  readonly detach?: boolean
  readonly storeAddress: string | undefined
  readonly version?: string | undefined
  readonly batch?: number | undefined
}

/** Allocates specs and runs them to the end. Gives the exit code. */
export function runSpecs(
  experiment: Experiment,
  specs: Iterable<unknown> | AsyncIterable<unknown>,
  { version, batch, detach = false, ...options }: RunSpecsOptions,
): Promise<number> {
  const store = storeAt(options.storeAddress)
  // By its name: a static method's function is not the one that was registered, but bound to its class.
  const runnable = isRemote(experiment) ? experiment : experiment.name
  const runs = new BaseExperiment({ runnable, store })
  return followRun(
    store,
    async (start, reading) => {
      const { ref } = await runs.allocate(counted(specs, reading), {
        ...start,
        ...(version === undefined ? {} : { version }),
        ...(batch === undefined ? {} : { batch }),
      })
      return ref
    },
    { ...options, detach, doneBefore: 0 },
  )
}

const COUNTED_AT_ONCE = 1000

async function* counted(specs: Iterable<unknown> | AsyncIterable<unknown>, tell: (count: number) => void) {
  let count = 0
  for await (const spec of specs) {
    yield spec
    count += 1
    if (count % COUNTED_AT_ONCE === 0) tell(count)
  }
}
