import type { Engine } from '../engine/engine.js'
import { EngineUnavailableError } from '../engine/errors.js'
import { within } from '../scatter/promises.js'
import type { Task } from '../scatter/task.js'

const ANSWER_MS = 5_000

/** What no worker on the engine has that an experiment needs. Throws `EngineUnavailableError`, soon also where nobody answers. */
export function askLacking(
  engine: Engine,
  { experiment, labels, remote }: Pick<Task, 'experiment' | 'labels' | 'remote'>,
): Promise<string[]> {
  return answered(engine, engine.lacking(experiment, labels, remote))
}

/** An engine's answer, where there soon is one. */
export function answered<T>(engine: Engine, asked: Promise<T>): Promise<T> {
  return within(ANSWER_MS, asked, () => {
    throw new EngineUnavailableError(engine.name, `no answer within ${ANSWER_MS / 1000} s.`)
  })
}
