import { FileUnavailableError } from '../execute/errors.js'
import { fetchUri } from '../execute/fetch/fetch.js'
import type { FetchSettings } from '../settings/fetch.js'
import { asMeant, pathOfUri } from '../store/address.js'
import { objectAt, objectForm } from '../store/backends.js'
import { KeyInvalidError, ObjectNotFoundError, StoreUnusableError } from '../store/errors.js'
import type { Store } from '../store/store.js'
import type { RunFolder } from './run-folder.js'

/** The sources of input files, and the limits of a fetch. */
export interface InputSources {
  readonly openStore: (address: string) => Store
  readonly limits: FetchSettings
  readonly signal: AbortSignal
}

/** Limits the fetch of a spec's files to the time that the spec itself may take. */
export function withinLimit<T extends Pick<InputSources, 'limits'>>(
  sources: T,
  executionTimeout = Number.POSITIVE_INFINITY,
): T {
  const { limits } = sources
  return { ...sources, limits: { ...limits, timeout: Math.min(limits.timeout, executionTimeout) } }
}

/**
 * Fetches an input file to `path`. Resolves with that path, or with the path of a file that exists
 * already. Rejects with `FileUnavailableError` if there is no such file, but not if a store is
 * unreachable.
 */
export async function fetchInputFile(
  { folder, allocation }: RunFolder,
  uri: string,
  path: string,
  from: InputSources,
): Promise<string> {
  // A copy of a run names files by the addresses of the original: the run's own files are read from
  // the copy.
  return asAnswered(uri, () =>
    asMeant(uri, (address) => {
      const own = ownKey(address, allocation.experiment_id)
      return own === undefined ? fetchMeant(address, path, from) : fromStore(folder, own, path)
    }),
  )
}

function ownKey(uri: string, experimentId: string): string | undefined {
  const path = pathOfUri(uri) ?? (objectForm(uri) === undefined ? '' : uri)
  const folder = `/${experimentId}/`
  const at = path.lastIndexOf(folder)
  return at < 0 ? undefined : path.slice(at + folder.length)
}

/** Fetches a file to `path` like `fetchInputFile`, for a spec that does not belong to a run. */
export async function fetchAddress(uri: string, path: string, from: InputSources): Promise<string> {
  return asAnswered(uri, () => asMeant(uri, (address) => fetchMeant(address, path, from)))
}

async function fetchMeant(address: string, path: string, from: InputSources): Promise<string> {
  const { openStore, limits, signal } = from
  const form = objectForm(address)
  if (form === undefined) return fetchUri(address, path, { ...limits, signal })
  const object = objectAt(address)
  if (!object) throw new FileUnavailableError(address, `expected ${form}.`)
  return fromStore(openStore(object.store), object.key, path).catch((error) => {
    // Another store may refuse this process permanently. Then the file is missing for the spec that
    // names it.
    const isAnswer = error instanceof StoreUnusableError && error.trouble !== 'outage'
    throw isAnswer ? new FileUnavailableError(address, error.message, { cause: error }) : error
  })
}

async function fromStore(store: Store, key: string, path: string): Promise<string> {
  const local = store.localPath(key)
  if (local === undefined) await store.download(key, path)
  // The spec's function opens the file itself, so an unreachable store has to be waited for here.
  else if (!(await store.head(key))) throw new ObjectNotFoundError(key, store.uri)
  return local ?? path
}

/** Rejects with an error of the spec if the store answers that there is no such object. */
async function asAnswered(uri: string, fetch: () => Promise<string>): Promise<string> {
  try {
    return await fetch()
  } catch (error) {
    const isAnswer = error instanceof ObjectNotFoundError || error instanceof KeyInvalidError
    throw isAnswer ? new FileUnavailableError(uri, error.message, { cause: error }) : error
  }
}
