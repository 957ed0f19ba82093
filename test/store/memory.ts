import { readFile, writeFile } from 'node:fs/promises'
import { text } from '../../src/settings/types.js'
import type { Backend } from '../../src/store/backend.js'
import { ObjectNotFoundError, RangeInvalidError } from '../../src/store/errors.js'
import { checkFolder, checkKey, checkPrefix, checkRange, isAfter, isKey, sortByKey } from '../../src/store/key.js'
import { writeFileAtomically } from '../../src/store/local-file.js'
import { probeStore } from '../../src/store/probe.js'
import type { Piece, Store } from '../../src/store/store.js'

type Objects = Map<string, Uint8Array>

/** The stores of this process, by their names. */
const stores = new Map<string, Objects>()

const settings = {
  storageMemory: text({ variable: 'SCYTHE_STORAGE_MEMORY', otherwise: 'none', doc: 'runs live in this process' }),
}

/**
 * A third kind of store, which proves what it takes to add one: this file, and one line that names
 * it.
 */
export const memoryBackend: Backend<typeof settings> = {
  name: 'memory',
  scheme: 'memory',
  form: 'memory://name',
  settings,
  needs: { setting: 'storageMemory', what: 'a name' },
  secrets: ['MEMORY_PASSWORD'],
  objects: {
    form: 'memory://name/key',
    split(uri) {
      const [, name, key] = /^memory:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
      return name === undefined || key === undefined ? undefined : { store: `memory://${name}`, key }
    },
  },
  addressOf: ({ storageMemory }) => `memory://${storageMemory}`,
  locate(address) {
    if (!memoryBackend.isUri(address)) return undefined
    return {
      open: () => createMemoryStore(address),
      covers: async (other) => other === address,
      holds: (uri) => uri.startsWith(`${address}/`),
    }
  },
  isUri: (address) => /^memory:\/\/[\w.-]+$/.test(address),
}

function createMemoryStore(uri: string): Store {
  const objects = stores.get(uri) ?? new Map<string, Uint8Array>()
  stores.set(uri, objects)

  function read(key: string): Uint8Array {
    const body = objects.get(checkKey(key))
    if (!body) throw new ObjectNotFoundError(key, uri)
    return body
  }

  function readRange(key: string, start: number, end: number): Uint8Array {
    checkRange(checkKey(key), start, end)
    if (start === end) return new Uint8Array()
    const body = read(key)
    if (end > body.length) throw new RangeInvalidError(key, start, end)
    return body.slice(start, end)
  }

  const bytesOf = (piece: Piece) => (piece instanceof Uint8Array ? piece : readRange(piece.key, piece.start, piece.end))
  const sorted = (prefix: string) =>
    sortByKey([...objects.keys()], (key) => key).filter((key) => key.startsWith(prefix))

  const store: Store = {
    uri,
    patient: () => store,
    uriOf: (key) => `${uri}/${checkKey(key)}`,
    keyOf(address) {
      const key = address.startsWith(`${uri}/`) ? address.slice(uri.length + 1) : ''
      return isKey(key) ? key : undefined
    },
    async head(key) {
      const body = objects.get(checkKey(key))
      return body && { key, size: body.length }
    },
    get: async (key) => read(key).slice(),
    getRange: async (key, start, end) => readRange(key, start, end),
    async put(key, body) {
      objects.set(checkKey(key), Buffer.from(body as string))
    },
    async putIfAbsent(key, body) {
      if (objects.has(checkKey(key))) return false
      objects.set(key, Buffer.from(body as string))
      return true
    },
    async compose(key, pieces) {
      checkKey(key)
      const parts: Uint8Array[] = []
      for await (const piece of pieces) parts.push(bytesOf(piece))
      const body = Buffer.concat(parts)
      objects.set(key, body)
      return body.length
    },
    async upload(key, path) {
      objects.set(checkKey(key), await readFile(path))
    },
    async download(key, path) {
      const body = read(key)
      await writeFileAtomically(path, (temporary) => writeFile(temporary, body))
    },
    async copy(from, to) {
      objects.set(checkKey(to), read(from))
    },
    async *list(prefix, options) {
      const after = options?.after
      for (const key of sorted(checkPrefix(prefix))) {
        if (after === undefined || isAfter(key, after)) yield { key, size: objects.get(key)!.length }
      }
    },
    async listFolders(prefix) {
      checkFolder(prefix)
      const names = sorted(prefix).flatMap((key) => /^([^/]+)\//.exec(key.slice(prefix.length))?.[1] ?? [])
      return [...new Set(sortByKey(names, (name) => name))]
    },
    async delete(keys) {
      for (const key of Array.from(keys, checkKey)) objects.delete(key)
    },
    probe: () => probeStore(store),
    localPath: () => undefined,
    close: async () => {},
  }
  return store
}
