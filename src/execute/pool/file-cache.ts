import { mkdir, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileNameOf } from '../../store/address.js'

/**
 * Fetches an address to `path`. Resolves with `path`, or with the path of a local file that has the
 * content.
 */
export type Fetcher = (uri: string, path: string) => Promise<string>

/**
 * A cache of fetched files that all batches of a pool share. Each address is fetched once, while
 * there is space.
 */
export interface FileCache {
  /**
   * Opens the cache for one batch. Files that the batch gets are kept until it closes the cache.
   */
  open(fetcher: Fetcher): OpenFiles
}

export interface OpenFiles {
  /**
   * Resolves with the local path of an address. Rejects as the fetcher does; failures are not
   * cached.
   */
  get(uri: string): Promise<string>
  close(): void
}

interface Entry {
  readonly folder: string
  readonly path: Promise<string>
  /**
   * Size in the cache, in bytes: 0 while the file is being fetched, and if the content is stored
   * elsewhere.
   */
  bytes: number
  users: number
}

const TEN_GB = 10e9

export function createFileCache(folder: string, maxBytes = TEN_GB): FileCache {
  /** Entries in the order of their last use. */
  const entries = new Map<string, Entry>()
  let bytes = 0
  let made = 0

  function add(uri: string, fetcher: Fetcher): Entry {
    const own = join(folder, String(made++))
    const entry: Entry = { folder: own, path: fetch(uri, own, fetcher), bytes: 0, users: 0 }
    const forget = () => {
      if (entries.get(uri) === entry) entries.delete(uri)
      remove(entry)
    }
    entry.path
      .then(async (path) => {
        if (!path.startsWith(own + sep)) return
        entry.bytes = (await stat(path)).size
        bytes += entry.bytes
        makeRoom()
      }, forget)
      // The fetched file was removed.
      .catch(forget)
    return entry
  }

  function makeRoom(): void {
    for (const [uri, entry] of entries) {
      if (bytes <= maxBytes) return
      if (entry.users > 0 || entry.bytes === 0) continue
      entries.delete(uri)
      bytes -= entry.bytes
      remove(entry)
    }
  }

  return {
    open(fetcher) {
      const held = new Set<Entry>()

      async function get(uri: string): Promise<string> {
        const known = entries.get(uri)
        const entry = known ?? add(uri, fetcher)
        entries.delete(uri)
        entries.set(uri, entry)
        if (!held.has(entry)) {
          held.add(entry)
          entry.users += 1
        }
        if (known === undefined) return await entry.path
        // Another batch fetched this file and may have been stopped: its failure does not apply to
        // this batch.
        return await entry.path.catch(() => get(uri))
      }

      return {
        get,
        close() {
          for (const entry of held) entry.users -= 1
          held.clear()
          makeRoom()
        },
      }
    },
  }
}

async function fetch(uri: string, folder: string, fetcher: Fetcher): Promise<string> {
  await mkdir(folder, { recursive: true })
  // The last part of the address is the file name, because functions may depend on the extension or
  // show the name.
  return fetcher(uri, join(folder, fileNameOf(uri)))
}

function remove({ folder }: Entry): void {
  // A file that cannot be removed now is removed with the pool's folder.
  rm(folder, { recursive: true, force: true }).catch(() => {})
}
