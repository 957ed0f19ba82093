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

/** Returns a tag of schemas, 16 characters long. Engines compare it when they choose a worker. */
export function schemaTag({ input, output, tables }: Hashes): string {
  return createHash('sha256').update(`${input}\n${output}\n${tables}`).digest('hex').slice(0, 16)
}

export function schemaTagOf(experiment: Experiment): string {
  return schemaTag(hashes(experiment))
}

/**
 * Throws `SchemasDifferError` if the schemas of the experiment in this process differ from the
 * run's. A fan needs no user code, and the workers of a remote experiment check its schemas
 * themselves.
 */
export function checkSchemas({ experiment_id, experiment_name, hashes: wanted, remote }: Allocation): void {
  if (remote) return
  const experiment = ExperimentRegistry.list().find(({ name }) => name === experiment_name)
  if (!experiment) return
  const own = hashes(experiment)
  const differing = (['input', 'output', 'tables'] as const).filter((part) => own[part] !== wanted[part])
  if (differing.length > 0) throw new SchemasDifferError(experiment_id, experiment.name, differing)
}
