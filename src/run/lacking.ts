import { withTimeout } from '../async/promises.js'
import type { Engine, Needs } from '../engine/engine.js'
import { EngineUnavailableError } from '../engine/errors.js'
import type { DesiredWorkerLabels } from '../experiment/labels.js'
import type { Allocation } from '../scatter/allocation.js'
import { schemaTag } from '../scatter/schemas.js'

const ANSWER_MS = 5_000

/**
 * Resolves with the requirements that no connected worker meets. Rejects with
 * `EngineUnavailableError`, within `ANSWER_MS` if the engine does not answer.
 */
export function unmetRequirements(engine: Engine, needs: Needs): Promise<string[]> {
  return answeredInTime(engine, engine.lacking(needs))
}

/**
 * Returns the requirements of a run's leaves. `labels` are those of the experiment as registered
 * now. Default: those at allocation.
 */
export function needsOf(allocation: Allocation, labels: DesiredWorkerLabels = allocation.desired_worker_labels): Needs {
  const remote = allocation.remote !== undefined
  const schemas = remote ? undefined : schemaTag(allocation.hashes)
  return { experiment: allocation.experiment_name, labels, remote, schemas }
}

/**
 * Resolves with an engine's answer. Rejects with `EngineUnavailableError` if it takes longer than
 * `ANSWER_MS`.
 */
export function answeredInTime<T>(engine: Engine, asked: Promise<T>): Promise<T> {
  return withTimeout(ANSWER_MS, asked, () => {
    throw new EngineUnavailableError(engine.name, `no answer within ${ANSWER_MS / 1000} s.`)
  })
}
