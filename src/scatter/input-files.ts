import { FileUnavailableError } from '../execute/errors.js'
import { fetchUri } from '../execute/fetch/fetch.js'
import type { FetchSettings } from '../settings/fetch.js'
import { asMeant, pathOfUri, schemeOf, splitS3 } from '../store/address.js'
import { InvalidKeyError, ObjectNotFoundError, StoreUnusableError } from '../store/errors.js'
import type { Store } from '../store/store.js'
import type { RunFolder } from './run-folder.js'

/** Where input files come from, and within which limits. */
export interface InputSources {
  readonly openStore: (address: string) => Store
  readonly limits: FetchSettings
  readonly signal: AbortSignal
}

/** A spec's files take no longer than it may take itself. */
export function withinLimit<T extends Pick<InputSources, 'limits'>>(
  sources: T,
  executionTimeout = Number.POSITIVE_INFINITY,
): T {
  const { limits } = sources
  return { ...sources, limits: { ...limits, timeout: Math.min(limits.timeout, executionTimeout) } }
}

/** Brings an input file to `path`, or gives where it lies already. Throws `FileUnavailableError` if that cannot be had, and no store is away. */
export async function fetchInputFile(
  { folder, allocation }: RunFolder,
  uri: string,
  path: string,
  from: InputSources,
): Promise<string> {
  // A run that was copied still names the addresses of where it was allocated: what is the run's own is taken from where it is now.
  return asAnswered(uri, () =>
    asMeant(uri, (address) => {
      const own = ownKey(address, allocation.experiment_id)
      return own === undefined ? fetchMeant(address, path, from) : fromStore(folder, own, path)
    }),
  )
}

function ownKey(uri: string, experimentId: string): string | undefined {
  const path = pathOfUri(uri) ?? (schemeOf(uri) === 's3' ? uri : '')
  const folder = `/${experimentId}/`
  const at = path.lastIndexOf(folder)
  return at < 0 ? undefined : path.slice(at + folder.length)
}

/** The same for an address that is not a run's own. */
export async function fetchAddress(uri: string, path: string, from: InputSources): Promise<string> {
  return asAnswered(uri, () => asMeant(uri, (address) => fetchMeant(address, path, from)))
}

async function fetchMeant(address: string, path: string, from: InputSources): Promise<string> {
  const { openStore, limits, signal } = from
  if (schemeOf(address) !== 's3') return fetchUri(address, path, { ...limits, signal })
  const object = splitS3(address)
  if (!object) throw new FileUnavailableError(address, 'expected s3://bucket/key.')
  return fromStore(openStore(`s3://${object.bucket}`), object.key, path).catch((error) => {
    // What lies elsewhere may be closed to us for good: that is for the spec to say that names it.
    const isAnswer = error instanceof StoreUnusableError && error.trouble !== 'outage'
    throw isAnswer ? new FileUnavailableError(address, error.message, { cause: error }) : error
  })
}

async function fromStore(store: Store, key: string, path: string): Promise<string> {
  const local = store.localPath(key)
  if (local === undefined) await store.download(key, path)
  // The spec's own function will open it: a store that is away is waited for here.
  else if (!(await store.head(key))) throw new ObjectNotFoundError(key, store.uri)
  return local ?? path
}

/** That there is no such object is an answer, and the spec's affair. */
async function asAnswered(uri: string, fetch: () => Promise<string>): Promise<string> {
  try {
    return await fetch()
  } catch (error) {
    const isAnswer = error instanceof ObjectNotFoundError || error instanceof InvalidKeyError
    throw isAnswer ? new FileUnavailableError(uri, error.message, { cause: error }) : error
  }
}
