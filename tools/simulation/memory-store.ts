import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { ObjectNotFoundError, RangeInvalidError } from '../../src/store/errors.js'
import { checkFolder, checkKey, checkPrefix, checkRange, isAfter, isKey, sortByKey } from '../../src/store/key.js'
import { writeFileAtomically } from '../../src/store/local-file.js'
import { probeStore } from '../../src/store/probe.js'
import type { Piece, Store } from '../../src/store/store.js'

/** Hears of every change just before it is seen by anyone. `next` is undefined where the object goes. */
export type OnChange = (key: string, next: Uint8Array | undefined, before: Uint8Array | undefined) => void

/** A store in this process's memory. Each change is made in one step. Whoever changes `objects` themselves makes a new one. */
export function createMemoryStore(objects: Map<string, Uint8Array> = new Map(), onChange: OnChange = () => {}): Store {
  const root = 's3://memory/store'

  const there = (key: string): Uint8Array => {
    const bytes = objects.get(checkKey(key))
    if (!bytes) throw new ObjectNotFoundError(key, root)
    return bytes
  }
  const stretch = (key: string, start: number, end: number): Uint8Array => {
    checkRange(key, start, end)
    const bytes = there(key)
    if (end > bytes.length) throw new RangeInvalidError(key, start, end)
    return bytes.subarray(start, end)
  }
  const set = (key: string, body: Uint8Array | string) => {
    // A copy: what was handed over may be changed afterwards.
    const bytes = Buffer.from(body)
    const before = objects.get(key)
    onChange(key, bytes, before)
    objects.set(key, bytes)
    if (!before) sorted = undefined
  }
  /** Every key in order, until one comes or goes. */
  let sorted: readonly string[] | undefined
  const keysUnder = (prefix: string) => {
    sorted ??= sortByKey([...objects.keys()], (key) => key)
    return sorted.filter((key) => key.startsWith(prefix))
  }

  const store: Store = {
    uri: root,
    patient: () => store,
    uriOf: (key) => `${root}/${checkKey(key)}`,
    keyOf(uri) {
      const key = uri.startsWith(`${root}/`) ? uri.slice(root.length + 1) : ''
      return isKey(key) ? key : undefined
    },
    async head(key) {
      const bytes = objects.get(checkKey(key))
      return bytes && { key, size: bytes.length }
    },
    get: async (key) => Buffer.from(there(key)),
    getRange: async (key, start, end) => Buffer.from(stretch(key, start, end)),
    async put(key, body) {
      set(checkKey(key), body)
    },
    async putIfAbsent(key, body) {
      if (objects.has(checkKey(key))) return false
      set(key, body)
      return true
    },
    async compose(key, pieces) {
      checkKey(key)
      const all: Uint8Array[] = []
      for await (const piece of pieces as AsyncIterable<Piece>) {
        all.push(piece instanceof Uint8Array ? piece : stretch(piece.key, piece.start, piece.end))
      }
      const whole = Buffer.concat(all)
      set(key, whole)
      return whole.length
    },
    async upload(key, path) {
      checkKey(key)
      set(key, readFileSync(path))
    },
    async download(key, path) {
      const bytes = there(key)
      await writeFileAtomically(path, (temporary) => writeFile(temporary, bytes))
    },
    async copy(from, to) {
      checkKey(to)
      set(to, there(from))
    },
    async *list(prefix, options) {
      checkPrefix(prefix)
      for (const key of keysUnder(prefix)) {
        if (options?.after !== undefined && !isAfter(key, options.after)) continue
        const bytes = objects.get(key)
        if (bytes) yield { key, size: bytes.length }
      }
    },
    async listFolders(prefix) {
      checkFolder(prefix)
      const names = keysUnder(prefix).flatMap((key) => {
        const rest = key.slice(prefix.length)
        return rest.includes('/') ? [rest.slice(0, rest.indexOf('/'))] : []
      })
      return sortByKey([...new Set(names)], (name) => name)
    },
    async delete(keys) {
      for (const key of Array.from(keys, checkKey)) {
        const before = objects.get(key)
        if (!before) continue
        onChange(key, undefined, before)
        objects.delete(key)
        sorted = undefined
      }
    },
    probe: () => probeStore(store),
    localPath: () => undefined,
    close: async () => {},
  }
  return store
}
