import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { OWN } from '../../own.js'
import { UsageError } from '../errors.js'
import { importModule, loadExperiment } from '../load-experiment.js'
import { type CommonOptions, countOption } from '../options.js'
import { runSpecs } from '../run-specs.js'

/** Exists only in a checkout: the published package has no experiments. */
const STUDY = fileURLToPath(new URL('../experiments/building-energy/', OWN))

export interface DemoOptions extends CommonOptions {
  readonly slots?: string
}

/** Runs `scythe demo`: the building-energy study. */
export async function demo({ json = false, store: storeAddress, slots }: DemoOptions): Promise<number> {
  if (!existsSync(STUDY)) {
    throw new UsageError(
      'The demo is in the repository of scythe-engine, not in the package: clone it, then scripts/run demo.',
    )
  }
  const { buildingSpecs } = await importModule(`${STUDY}specs.ts`)
  const experiment = await loadExperiment(`${STUDY}building-energy.ts`, undefined)
  const specs = (buildingSpecs as () => unknown[])()
  return runSpecs(experiment, specs, { json, slots: countOption('slots', slots), storeAddress })
}
