import { RunNotFoundError } from '../run/errors.js'
import { listBases, listRuns, type RunEntry } from '../run/list-runs.js'
import { openRun, type Run } from '../run/run.js'
import { nearest } from '../settings/nearest.js'
import { configuredStore } from '../store/configured.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { RunAmbiguousError } from './errors.js'

/** The store at an address, else the one that settings name. */
export function storeAt(address: string | undefined): Store {
  return openStore(address ?? configuredStore(process.env))
}

/** Every run of a store, oldest first. */
export async function allRuns(store: Store): Promise<RunEntry[]> {
  const runs: RunEntry[] = []
  for (const base of await listBases(store)) runs.push(...(await listRuns(store, base)))
  return runs.sort((a, b) => a.time.getTime() - b.time.getTime())
}

/** The run that is meant by its id, an ending of it, or `latest`. Throws `RunNotFoundError` or `RunAmbiguousError`. */
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

/** The one id that this is, or ends; whole names of its path count before parts of them. */
export function matchRun(name: string, ids: readonly string[], store: string): string {
  const byPath = ids.filter((id) => id === name || id.endsWith(`/${name}`))
  const found = ids.includes(name) ? [name] : byPath.length > 0 ? byPath : ids.filter((id) => id.endsWith(name))
  if (found.length > 1) throw new RunAmbiguousError(name, found)
  if (found.length === 0) throw new RunNotFoundError(name, store, similarTo(name, ids))
  return found[0]!
}

const SHOWN = 3

/** The ids that have this in them, latest first; else the one whose ending is nearest. */
function similarTo(name: string, ids: readonly string[]): string[] {
  const around = ids.filter((id) => id.includes(name))
  if (around.length > 0) return around.slice(-SHOWN).reverse()
  const depth = name.split('/').length
  const endings = new Map(ids.map((id) => [id.split('/').slice(-depth).join('/'), id]))
  const meant = nearest(name, [...endings.keys()])
  return meant === undefined ? [] : [endings.get(meant)!]
}
