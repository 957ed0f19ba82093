import { UsageError } from '../errors.js'
import { loadExperiment } from '../load-experiment.js'
import { type CommonOptions, countOption } from '../options.js'
import { runSpecs } from '../run-specs.js'
import { openSpecs } from '../specs/open.js'

export interface RunOptions extends CommonOptions {
  readonly experiment?: string
  readonly specs?: string
  readonly version?: string
  readonly slots?: string
  readonly batch?: string
  readonly detach?: boolean
}

/** `scythe run <module>`: allocates the specs of a table and runs them. */
export async function run(module: string, options: RunOptions): Promise<number> {
  const slots = countOption('slots', options.slots)
  const batch = countOption('batch', options.batch)
  const { json = false, store: storeAddress, version, detach = false } = options
  if (options.specs === undefined) {
    throw new UsageError('scythe run needs --specs: a CSV, JSON lines or Parquet file, or - for JSON lines from stdin.')
  }
  const experiment = await loadExperiment(module, options.experiment)
  const specs = await openSpecs(options.specs, experiment)
  return runSpecs(experiment, specs, { json, slots, storeAddress, version, batch, detach })
}
