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
 * Imports a module of the user's, and gives the experiment that it registers, or the remote one that it exports: the one of this name
 * where there are several. `module` is a path from here, or a `file:` address.
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

/** Imports a module, TypeScript too. Throws `ModuleNotLoadedError`, or the error of Scythe that it came to. */
export async function importModule(module: string): Promise<Record<string, unknown>> {
  const path = module.startsWith('file:') ? fileURLToPath(module) : resolve(module)
  const shown = formatAddress(pathToFileURL(path).href)
  if (!existsSync(path)) throw new ModuleNotLoadedError(shown, 'there is no such file.')
  // The module is the program now: what a process imports where the experiment is registered by something that it calls.
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

/** What went wrong and where: the stack of a syntax error begins with its place. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return `it threw ${String(cause)}`
  const place = cause instanceof SyntaxError ? /^(file:.*:\d+)\n/.exec(cause.stack ?? '')?.[1] : undefined
  const message = `${cause.name}: ${cause.message}`
  return place ? `${message} (${place})` : message
}
