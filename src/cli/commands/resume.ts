import { readResumable } from '../../run/resumable.js'
import type { Allocation } from '../../scatter/allocation.js'
import { within } from '../../store/within.js'
import { UsageError } from '../errors.js'
import { findRun, storeAt } from '../find-run.js'
import { followRun } from '../follow.js'
import { loadExperiment } from '../load-experiment.js'
import { type CommonOptions, countOption } from '../options.js'

export interface ResumeOptions extends CommonOptions {
  readonly slots?: string
}

/** `scythe resume <run> [module]`: runs what has no receipt yet. */
export async function resume(name: string, module: string | undefined, options: ResumeOptions): Promise<number> {
  const slots = countOption('slots', options.slots)
  const { json = false, store: storeAddress } = options
  const store = storeAt(storeAddress)
  const run = await findRun(store, name)
  const allocation = await readResumable(within(store, run.id), run.id)
  if (module !== undefined) await loadExperiment(module, allocation.experiment_name)
  // The code of a remote experiment is elsewhere.
  else if (!allocation.remote) await loadAgain(name, allocation)
  const { results, errors } = await run.status()
  return followRun(store, (start) => run.resume(start), {
    json,
    slots,
    detach: false,
    storeAddress,
    doneBefore: results + errors,
  })
}

async function loadAgain(name: string, { module, experiment_name }: Allocation): Promise<void> {
  await loadExperiment(module, experiment_name).catch((error) => {
    if (error?.code !== 'MODULE_NOT_LOADED') throw error
    throw new UsageError(`${error.message} Where the code lies elsewhere now: scythe resume ${name} <module>`)
  })
}
