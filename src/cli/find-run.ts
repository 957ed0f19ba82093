import { RunNotFoundError } from '../run/errors.js'
import { listBases, listRuns, type RunEntry } from '../run/list-runs.js'
import { openRun, type Run } from '../run/run.js'
import { nearest } from '../settings/nearest.js'
import { configuredStore } from '../store/configured.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { RunAmbiguousError } from './errors.js'

/** Opens the store at an address. Default: the store that the settings name. */
export function storeAt(address: string | undefined): Store {
  return openStore(address ?? configuredStore(process.env))
}

/** Returns every run of a store, oldest first. */
export async function allRuns(store: Store): Promise<RunEntry[]> {
  const runs: RunEntry[] = []
  for (const base of await listBases(store)) runs.push(...(await listRuns(store, base)))
  return runs.sort((a, b) => a.time.getTime() - b.time.getTime())
}

/**
 * Opens the run with this id, or with an id that ends in this name, or the `latest` run. Rejects
 * with `RunNotFoundError` or `RunAmbiguousError`.
 */
export async function findRun(store: Store, name: string): Promise<Run> {
  const runs = await allRuns(store)
  const ids = runs.map(({ id }) => id)
  return openRun(store, name === 'latest' ? latestOf(runs, store.uri) : matchRun(name, ids, store.uri))
}

function latestOf(runs: readonly RunEntry[], store: string): string {
  const latest = runs.findLast(({ complete }) => complete)
  if (!latest) throw new RunNotFoundError('latest', store)
  return latest.id
}

/**
 * Returns the one id that equals this name or ends in it. Matches of whole names in the path take
 * precedence over matches of parts of them.
 */
export function matchRun(name: string, ids: readonly string[], store: string): string {
  const byPath = ids.filter((id) => id === name || id.endsWith(`/${name}`))
  const found = ids.includes(name) ? [name] : byPath.length > 0 ? byPath : ids.filter((id) => id.endsWith(name))
  if (found.length > 1) throw new RunAmbiguousError(name, found)
  if (found.length === 0) throw new RunNotFoundError(name, store, similarTo(name, ids))
  return found[0]!
}

const SHOWN = 3

/**
 * Returns the ids that contain a name, latest first; if there are none, the id with the nearest
 * ending.
 */
function similarTo(name: string, ids: readonly string[]): string[] {
  const around = ids.filter((id) => id.includes(name))
  if (around.length > 0) return around.slice(-SHOWN).reverse()
  const depth = name.split('/').length
  const endings = new Map(ids.map((id) => [id.split('/').slice(-depth).join('/'), id]))
  const meant = nearest(name, [...endings.keys()])
  return meant === undefined ? [] : [endings.get(meant)!]
}
