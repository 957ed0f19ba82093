import { mkdir, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileNameOf } from '../../store/address.js'

/** Brings an address to `path`, or gives the local path where its content lies. */
export type Fetcher = (uri: string, path: string) => Promise<string>

/** Fetched files, shared by all batches of a pool: one address is fetched once, while there is room. */
export interface FileCache {
  /** The cache as one batch sees it: what it gets stays until it closes. */
  open(fetcher: Fetcher): OpenFiles
}

export interface OpenFiles {
  /** The local path of an address. Fails as the fetcher does; a failure is not remembered. */
  get(uri: string): Promise<string>
  close(): void
}

interface Entry {
  readonly folder: string
  readonly path: Promise<string>
  /** What it takes of the cache: 0 while it is fetched, and where the content lies elsewhere. */
  bytes: number
  users: number
}

const TEN_GB = 10e9

export function createFileCache(folder: string, maxBytes = TEN_GB): FileCache {
  /** In the order of their last use. */
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
      // It is gone again.
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
        // Another batch asked for it, and may have been stopped: that is not an answer to this one.
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
  // The name that the address ends in: functions go by a file's extension, or show its name.
  return fetcher(uri, join(folder, fileNameOf(uri)))
}

function remove({ folder }: Entry): void {
  // What cannot be removed now goes with the pool's folder.
  rm(folder, { recursive: true, force: true }).catch(() => {})
}
