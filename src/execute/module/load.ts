import type { Experiment } from '../../experiment/experiment.js'
import { ExperimentRegistry } from '../../experiment/registry.js'
import { log } from '../../settings/log.js'
import { hasTsx, isTypeScript, registerTsx } from './typescript.js'

/** A module that imports for so long, in ms, is spoken of, each time as long again. */
const SLOW_MS = 60_000

/**
 * Imports modules until one has registered the experiment and is ready: its import has ended, or it has come to an `allocate` or a
 * `start`, which park a script that would never end. A module may still await what its functions need after it has registered
 * them, so no clock decides. Throws an error that says of each module what was wrong.
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
    // A module that failed after it registered is half-made.
    if (experiment && !failed) return experiment
    reasons.push(`${module}: ${reason}`)
  }
  throw new Error(reasons.join('\n'))
}

/** Waits for an import, and says on stderr each minute that it is not at its end. */
export function tellIfSlow<T>(module: string, imported: Promise<T>): Promise<T> {
  const message = `${module} is still being imported: does a top-level await in it never settle? Specs wait until it ends, or comes to an allocate or a start.`
  const slow = setInterval(() => log.warn(message), SLOW_MS).unref()
  return imported.finally(() => clearInterval(slow))
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
