import { ExperimentUnknownError } from './errors.js'
import type { Experiment } from './experiment.js'
import { defaultName } from './names.js'

/**
 * Returns the experiment with a name. Accepts `simulateEnergy` and `simulate_energy` for
 * `scythe_experiment_simulate_energy`. Throws `ExperimentUnknownError` (`EXPERIMENT_UNKNOWN`).
 */
export function findNamed(experiments: readonly Experiment[], wanted: string): Experiment {
  const find = (wanted: string | undefined) => experiments.find(({ name }) => name === wanted)
  const found = find(wanted) ?? find(defaultName(wanted))
  if (found) return found
  throw new ExperimentUnknownError(
    wanted,
    experiments.map(({ name }) => name),
  )
}
