import type { Engine } from '../engine/engine.js'
import { EngineUnavailableError } from '../engine/errors.js'
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
export async function answered<T>(engine: Engine, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = new EngineUnavailableError(engine.name, `no answer within ${ANSWER_MS / 1000} s.`)
    timer = setTimeout(reject, ANSWER_MS, error)
  })
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}
