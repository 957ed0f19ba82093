import { ExperimentLoadError } from './errors.js'
import type { Batch } from './pool.js'
import type { PoolProcess } from './process.js'
import type { Limits } from './protocol.js'
import type { Death } from './verdict.js'

/** A module that has not registered its experiment by then never will. */
const LOAD_MS = 120_000

const loaded = new WeakMap<PoolProcess, Map<string, Promise<Limits | Death>>>()

/** Has a process load an experiment, once; gives its death instead where it dies of it. Throws `ExperimentLoadError`. */
export function loadInProcess(
  child: PoolProcess,
  experiment: Batch['experiment'],
  modules: readonly string[],
): Promise<Limits | Death> {
  const ofChild = loaded.get(child) ?? new Map<string, Promise<Limits | Death>>()
  loaded.set(child, ofChild)
  const known = ofChild.get(experiment.name)
  if (known) return known
  const loading = load(child, experiment, modules)
  ofChild.set(experiment.name, loading)
  return loading
}

async function load(
  child: PoolProcess,
  { name, module }: Batch['experiment'],
  modules: readonly string[],
): Promise<Limits | Death> {
  let timer: NodeJS.Timeout | undefined
  const answer = new Promise<Limits>((resolve, reject) => {
    const fail = (reason: string) => {
      child.kill()
      reject(new ExperimentLoadError(name, module, reason))
    }
    child.listen((message) => {
      if (message.type === 'loaded') resolve(message.limits)
      else if (message.type === 'not-loaded') fail(message.reason)
    })
    timer = setTimeout(() => fail(`it was not registered within ${LOAD_MS / 1000} s.`), LOAD_MS)
  })
  try {
    child.send({ type: 'load', experiment: name, modules })
    return await Promise.race([answer, child.died])
  } finally {
    clearTimeout(timer)
  }
}
