import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deferred } from '../async/promises.js'
import { ScytheError } from '../errors.js'
import { tellIfSlow } from '../execute/module/load.js'
import { isTypeScript, secureTypeScriptCache } from '../execute/module/typescript.js'
import type { Experiment } from '../experiment/experiment.js'
import { findNamed } from '../experiment/find-named.js'
import { ExperimentRegistry } from '../experiment/registry.js'
import { isRemote } from '../experiment/remote.js'
import { ExperimentUnclearError, ModuleNotLoadedError } from './errors.js'
import { formatAddress } from './format.js'

/**
 * Imports a user's module, and resolves with the experiment that it registers, or with the remote
 * experiment that it exports. If there are several, `name` selects one. `module` is a path from the
 * working folder, or a `file:` address.
 */
export async function loadExperiment(module: string, name: string | undefined): Promise<Experiment> {
  const before = new Set(ExperimentRegistry.list())
  const remote = Object.values(await importModule(module)).filter(isRemote)
  const registered = ExperimentRegistry.list()
  if (name !== undefined) return findNamed([...remote, ...registered], name)
  const candidates = [...remote, ...registered.filter((experiment) => !before.has(experiment))]
  const names = [...new Set(candidates.map(({ name }) => name))]
  if (names.length === 1) return candidates[0]!
  throw new ExperimentUnclearError(module, names)
}

/**
 * Imports a module, also in TypeScript. Rejects with `ModuleNotLoadedError`, or with the Scythe
 * error that the module threw.
 */
export async function importModule(module: string): Promise<Record<string, unknown>> {
  const path = module.startsWith('file:') ? fileURLToPath(module) : resolve(module)
  const shown = formatAddress(pathToFileURL(path).href)
  if (!existsSync(path)) throw new ModuleNotLoadedError(shown, 'there is no such file.')
  // The module is the program now. Processes of the pool import the program if code that it calls
  // registers the experiment.
  process.argv[1] = path
  if (isTypeScript(path)) {
    secureTypeScriptCache()
    await import(import.meta.resolve('tsx'))
  }
  const stuck = deferred<never>()
  const nothingToDo = () => stuck.reject(new ModuleNotLoadedError(shown, 'its top-level await never ends.'))
  process.once('beforeExit', nothingToDo)
  try {
    return await tellIfSlow(shown, Promise.race([import(pathToFileURL(path).href), stuck.promise]))
  } catch (cause) {
    if (cause instanceof ScytheError) throw cause
    throw new ModuleNotLoadedError(shown, reasonOf(cause), { cause })
  } finally {
    process.off('beforeExit', nothingToDo)
  }
}

/**
 * Returns the message of an error, and the place of a syntax error, with which its stack begins.
 */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return `it threw ${String(cause)}`
  const place = cause instanceof SyntaxError ? /^(file:.*:\d+)\n/.exec(cause.stack ?? '')?.[1] : undefined
  const message = `${cause.name}: ${cause.message}`
  return place ? `${message} (${place})` : message
}
