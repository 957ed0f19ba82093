import type { Experiment } from '../../experiment/experiment.js'
import { ExperimentRegistry } from '../../experiment/registry.js'
import { log } from '../../settings/log.js'
import { hasTsx, isTypeScript, registerTsx } from './typescript.js'

/** Interval in ms at which a slow import is reported. */
const SLOW_MS = 60_000

/**
 * Imports modules until one has registered the experiment and is ready: its import has ended, or it
 * has reached an `allocate` or a `start`, which park a script that would never end. A module may
 * still await resources for its functions after it has registered them, so there is no time limit.
 * Rejects with an error that states the reason for each module.
 */
export async function loadExperiment(
  name: string,
  modules: readonly string[],
  parked: Promise<void>,
): Promise<Experiment> {
  const reasons: string[] = []
  for (const module of modules) {
    let failed = false
    const imported = importModule(module).then(
      () => `it does not register the experiment (it registers ${registeredNames()}).`,
      (error) => {
        failed = true
        return `importing it failed: ${error?.stack ?? error}`
      },
    )
    const parks = parked.then(() => 'it comes to an allocate or a start before it registers the experiment.')
    const reason = await tellIfSlow(module, Promise.race([imported, parks]))
    const experiment = ExperimentRegistry.list().find((experiment) => experiment.name === name)
    // A module that failed after registering is incomplete.
    if (experiment && !failed) return experiment
    reasons.push(`${module}: ${reason}`)
  }
  throw new Error(reasons.join('\n'))
}

/** Waits for an import, and logs each minute that it has not ended. */
export function tellIfSlow<T>(module: string, imported: Promise<T>): Promise<T> {
  const message = `${module} is still being imported: does a top-level await in it never settle? Specs wait until it ends, or comes to an allocate or a start.`
  const slow = setInterval(() => log.warn(message), SLOW_MS).unref()
  return imported.finally(() => clearInterval(slow))
}

/** Imports a module. tsx loads TypeScript; plain JavaScript does not pay for it. */
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
