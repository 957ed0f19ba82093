import { fetchUri } from '../execute/fetch.js'
import type { Store } from '../store/store.js'
import type { RunFolder } from './run-folder.js'

/** Brings an input file to `path`, or gives where it lies already. */
export async function fetchInputFile(
  { folder, allocation }: RunFolder,
  uri: string,
  path: string,
  openStore: (address: string) => Store,
): Promise<string> {
  // A run that was copied still names the addresses of where it was allocated: what is the run's own is taken from where it is now.
  const [, own] = uri.split(`/${allocation.experiment_id}/`)
  if (own !== undefined) return fromStore(folder, own, path)
  return fetchAddress(uri, path, openStore)
}

/** The same for an address that is no run's own. */
export async function fetchAddress(uri: string, path: string, openStore: (address: string) => Store): Promise<string> {
  if (uri.startsWith('s3://')) {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri)!
    return fromStore(openStore(`s3://${bucket}`), key!, path)
  }
  return fetchUri(uri, path)
}

async function fromStore(store: Store, key: string, path: string): Promise<string> {
  const local = store.localPath(key)
  if (local) return local
  await store.download(key, path)
  return path
}
