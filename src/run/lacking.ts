import { withTimeout } from '../async/promises.js'
import type { Engine, Needs } from '../engine/engine.js'
import { EngineUnavailableError } from '../engine/errors.js'
import type { DesiredWorkerLabels } from '../experiment/labels.js'
import type { Allocation } from '../scatter/allocation.js'
import { schemaTag } from '../scatter/schemas.js'

const ANSWER_MS = 5_000

/** What no worker on the engine has that an experiment needs. Throws `EngineUnavailableError`, soon also where nobody answers. */
export function unmetRequirements(engine: Engine, needs: Needs): Promise<string[]> {
  return answeredInTime(engine, engine.lacking(needs))
}

/** What the leaves of a run need. `labels`: those of the experiment as it is now, where it is known. */
export function needsOf(allocation: Allocation, labels: DesiredWorkerLabels = allocation.desired_worker_labels): Needs {
  const remote = allocation.remote !== undefined
  const schemas = remote ? undefined : schemaTag(allocation.hashes)
  return { experiment: allocation.experiment_name, labels, remote, schemas }
}

/** An engine's answer, where there soon is one. */
export function answeredInTime<T>(engine: Engine, asked: Promise<T>): Promise<T> {
  return withTimeout(ANSWER_MS, asked, () => {
    throw new EngineUnavailableError(engine.name, `no answer within ${ANSWER_MS / 1000} s.`)
  })
}
