import { createReadStream, createWriteStream, existsSync, type ReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { glob, isDynamicPattern } from 'tinyglobby'
import { fetchUri } from '../../execute/fetch/fetch.js'
import { makePoolFolder } from '../../execute/pool/pool-folder.js'
import { ownFetchSettings } from '../../settings/fetch.js'
import { asMeant, fileNameOf, localPathOf, schemeOf } from '../../store/address.js'
import { fetchedSchemes, objectAt, objectForm } from '../../store/backends.js'
import { openStore } from '../../store/open.js'
import { SpecsUnreadableError } from '../errors.js'
import { inflate } from './inflate.js'

export const STDIN = '-'

/**
 * Makes specs available on this machine. Files that are fetched or decompressed are in a temporary
 * folder of its own.
 */
export interface Sources {
  /** Streams the content of an address, decompressed if it is in gzip or zstd. */
  stream(address: string): Promise<AsyncIterable<Uint8Array>>
  /**
   * Resolves with the path of a local file with the content of an address, for formats that are not
   * read from front to back.
   */
  file(address: string): Promise<string>
  close(): Promise<void>
}

export function openSources(): Sources {
  let folder: string | undefined
  let files = 0
  /**
   * Open files. They are destroyed with the sources, because a reader may stop early, or never
   * start.
   */
  const streams = new Set<ReadStream>()
  const temporary = (name: string) => {
    folder ??= makePoolFolder(tmpdir())
    return join(folder, String(files++), name)
  }

  async function local(address: string): Promise<string> {
    const path = localPathOf(address)
    if (path === undefined) {
      checkAddress(address)
      return download(address, temporary(fileNameOf(address)))
    }
    const info = await stat(path)
    if (info.isDirectory()) throw new SpecsUnreadableError(address, 'it is a folder.')
    return path
  }

  async function stream(address: string): Promise<AsyncIterable<Uint8Array>> {
    if (address === STDIN) return inflate(process.stdin)
    const file = createReadStream(await local(address), { highWaterMark: 1 << 18 })
    streams.add(file)
    file.once('close', () => streams.delete(file))
    return inflate(file)
  }

  return {
    stream,
    async file(address) {
      if (!/\.(gz|zst)$/i.test(address)) return local(address)
      const path = temporary(fileNameOf(address).replace(/\.\w+$/, ''))
      await mkdir(dirname(path), { recursive: true })
      await pipeline(await stream(address), createWriteStream(path))
      return path
    },
    async close() {
      for (const stream of streams) stream.destroy()
      if (folder) await rm(folder, { recursive: true, force: true })
    },
  }
}

function checkAddress(address: string): void {
  const scheme = schemeOf(address)
  if (scheme === 'http' || scheme === 'https' || objectAt(address)) return
  const form = objectForm(address)
  const problem = form
    ? `it does not name an object, as ${form} does.`
    : `specs are read from paths, and from ${fetchedSchemes().join(', ')} and file:// addresses.`
  throw new SpecsUnreadableError(address, problem)
}

async function download(address: string, path: string): Promise<string> {
  if (!objectAt(address)) return fetchUri(address, path, ownFetchSettings(process.env))
  await asMeant(address, async (address) => {
    const { store: place, key } = objectAt(address)!
    const store = openStore(place)
    try {
      await store.download(key, path)
    } finally {
      await store.close()
    }
  })
  return path
}

/**
 * Resolves with the files that match a pattern such as `data/*.csv`, sorted by name. Any other
 * address is returned as it is.
 */
export async function expandAddress(address: string): Promise<readonly string[]> {
  const isPattern = address !== STDIN && schemeOf(address) === undefined && isDynamicPattern(address)
  if (!isPattern || existsSync(address)) return [address]
  const files = await glob(address, { absolute: false, expandDirectories: false, followSymbolicLinks: true })
  if (files.length === 0) throw new SpecsUnreadableError(address, 'no file matches the pattern.')
  return files.sort()
}
