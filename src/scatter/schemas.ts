import { createHash } from 'node:crypto'
import type { Experiment } from '../experiment/experiment.js'
import { schemaHashes } from '../experiment/io-spec.js'
import { ExperimentRegistry } from '../experiment/registry.js'
import type { Allocation } from './allocation.js'
import { SchemasDifferError } from './errors.js'

type Hashes = Allocation['hashes']

const hashesOf = new WeakMap<Experiment, Hashes>()

function hashes(experiment: Experiment): Hashes {
  const known = hashesOf.get(experiment) ?? schemaHashes(experiment)
  hashesOf.set(experiment, known)
  return known
}

/** Stands for schemas in a few letters: engines compare it where they choose a worker. */
export function schemaTag({ input, output, tables }: Hashes): string {
  return createHash('sha256').update(`${input}\n${output}\n${tables}`).digest('hex').slice(0, 16)
}

export function schemaTagOf(experiment: Experiment): string {
  return schemaTag(hashes(experiment))
}

/**
 * Throws `SchemasDifferError` where this process has the experiment with other schemas than the run's. A fan needs none of the user's
 * code, and what others serve is theirs to check.
 */
export function checkSchemas({ experiment_id, experiment_name, hashes: wanted, remote }: Allocation): void {
  if (remote) return
  const experiment = ExperimentRegistry.list().find(({ name }) => name === experiment_name)
  if (!experiment) return
  const own = hashes(experiment)
  const differing = (['input', 'output', 'tables'] as const).filter((part) => own[part] !== wanted[part])
  if (differing.length > 0) throw new SchemasDifferError(experiment_id, experiment.name, differing)
}
