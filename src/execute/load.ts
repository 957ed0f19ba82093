import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '../experiment/experiment.js'
import { ExperimentRegistry, whenRegistered } from '../experiment/registry.js'
import { hasTsx, isTypeScript, registerTsx } from './typescript.js'

/** How long a module that has registered may go on before it is taken to have come to its end; one that parks has. */
const REST_OF_MODULE_MS = 1000

/**
 * Imports modules until one has registered the experiment. It is there when the import has ended; or, in a script that would
 * never end, when it parks. Throws an error that says of each module what was wrong.
 */
export async function loadExperiment(
  name: string,
  modules: readonly string[],
  parked: Promise<void>,
): Promise<Experiment> {
  const registered = whenRegistered(name)
  const restOfModule = registered.then(() => sleep(REST_OF_MODULE_MS, undefined, { ref: false }))
  const reasons: string[] = []
  for (const module of modules) {
    const imported = importModule(module).then(
      () => `it does not register the experiment (it registers ${registeredNames()}).`,
      (error) => `importing it failed: ${error?.stack ?? error}`,
    )
    const parks = parked.then(() => 'it comes to an allocate or a start before it registers the experiment.')
    const reason = await Promise.race([imported, parks, restOfModule])
    const experiment = ExperimentRegistry.list().find((experiment) => experiment.name === name)
    if (experiment) return experiment
    reasons.push(`${module}: ${reason}`)
  }
  throw new Error(reasons.join('\n'))
}

/** TypeScript is loaded by tsx. Plain JavaScript does not pay for it. */
async function importModule(module: string): Promise<void> {
  if (isTypeScript(module) && !hasTsx(process.execArgv)) await registerTsx()
  await import(module)
}

function registeredNames(): string {
  return (
    ExperimentRegistry.list()
      .map(({ name }) => name)
      .join(', ') || 'none'
  )
}
