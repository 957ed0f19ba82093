import { ExperimentNotLoadedError } from '../errors.js'
import type { Batch } from '../executor.js'
import type { Limits } from '../protocol.js'
import type { ChildProcess } from './child-process.js'
import type { ProcessExit } from './exit-cause.js'

const loaded = new WeakMap<ChildProcess, Map<string, Promise<Limits | ProcessExit>>>()

/**
 * Loads an experiment in a child process, once. Resolves with the process's exit if the process
 * ends while loading. Rejects with `ExperimentNotLoadedError`.
 */
export function loadInChild(
  child: ChildProcess,
  experiment: Batch['experiment'],
  modules: readonly string[],
): Promise<Limits | ProcessExit> {
  const ofChild = loaded.get(child) ?? new Map<string, Promise<Limits | ProcessExit>>()
  loaded.set(child, ofChild)
  const known = ofChild.get(experiment.name)
  if (known) return known
  const loading = load(child, experiment, modules)
  ofChild.set(experiment.name, loading)
  return loading
}

async function load(
  child: ChildProcess,
  { name, module }: Batch['experiment'],
  modules: readonly string[],
): Promise<Limits | ProcessExit> {
  // There is no time limit: a module may take its time, and the process reports a slow import on
  // stderr.
  const answer = new Promise<Limits>((resolve, reject) => {
    child.listen((message) => {
      if (message.type === 'loaded') resolve(message.limits)
      else if (message.type === 'not-loaded') {
        child.kill()
        reject(new ExperimentNotLoadedError(name, module, message.reason))
      }
    })
  })
  child.send({ type: 'load', experiment: name, modules })
  return Promise.race([answer, child.exited])
}
