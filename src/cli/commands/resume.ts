import type { Engine } from '../../engine/engine.js'
import { readResumable } from '../../run/resumable.js'
import type { Allocation } from '../../scatter/allocation.js'
import { scopedStore } from '../../store/scoped-store.js'
import type { Store } from '../../store/store.js'
import { UsageError } from '../errors.js'
import { findRun, storeAt } from '../find-run.js'
import { followRun } from '../follow.js'
import { formatAddress } from '../format.js'
import { loadExperiment } from '../load-experiment.js'
import { type CommonOptions, countOption } from '../options.js'
import { whyNotOwn } from '../project.js'
import { runCommand, SOME_MODULE } from '../run-commands.js'

export interface ResumeOptions extends CommonOptions {
  readonly slots?: string
  readonly verify?: boolean
  readonly changedCode?: boolean
}

/**
 * Runs `scythe resume <run> [module]`: runs the specs that have no receipt yet, and makes damaged
 * objects again.
 */
export async function resume(name: string, module: string | undefined, options: ResumeOptions): Promise<number> {
  const slots = countOption('slots', options.slots)
  const { json = false, verify = false, changedCode = false, store: storeAddress } = options
  const store = storeAt(storeAddress)
  const run = await findRun(store, name)
  const allocation = await readResumable(scopedStore(store, run.id), run.id)
  if (module !== undefined) await loadExperiment(module, allocation.experiment_name)
  const { results, errors } = await run.status()
  const withModule = runCommand('resume', name, storeAddress, SOME_MODULE)
  return followRun(
    store,
    async (start) => {
      // The code of a remote experiment is elsewhere.
      if (module === undefined && !allocation.remote) await loadAgain(allocation, store, start.engine, withModule)
      return run.resume({ ...start, verify, changedCode })
    },
    { json, slots, detach: false, storeAddress, module, doneBefore: results + errors },
  )
}

/** Loads the module that the run names, if it belongs to the user. */
async function loadAgain(
  { module, experiment_name }: Allocation,
  store: Store,
  engine: Engine,
  /** The command that names the module. */
  withModule: string,
): Promise<void> {
  const reason = whyNotOwn(module, store)
  if (reason !== undefined) {
    // On other engines, the workers have the code.
    if (engine.abilities.outlivesProcess) return
    const shown = formatAddress(module)
    throw new UsageError(
      `The run names ${shown} as its code, and ${reason}. If you trust it, name it yourself: ${withModule}`,
    )
  }
  await loadExperiment(module, experiment_name).catch((error) => {
    if (error?.code !== 'MODULE_NOT_LOADED') throw error
    throw new UsageError(`${error.message} If the code lies elsewhere now: ${withModule}`)
  })
}
