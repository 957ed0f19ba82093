import { copyFile, type FileHandle, open, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidRangeError } from './errors.js'
import { writePieces } from './folder-compose.js'
import { reading, writing } from './folder-errors.js'
import { fileInfo, listFiles, listFoldersWithFiles } from './folder-list.js'
import { createFolderWriter } from './folder-writer.js'
import { checkFolder, checkKey, checkPrefix, checkRange, isKey } from './key.js'
import { landFile, pathOfUri } from './local-file.js'
import { probeStore } from './probe.js'
import type { Store } from './store.js'

const DELETES_AT_ONCE = 64

/** A store in a folder of this machine, made at the first write. Each object is a file; many processes may share the folder. */
export function createFolderStore({ path }: { readonly path: string }): Store {
  const root = resolve(path)
  const writer = createFolderWriter(root)

  const store: Store = {
    uri: pathToFileURL(root).href,

    uriOf: (key) => pathToFileURL(pathOf(key)).href,

    keyOf(uri) {
      const path = pathOfUri(uri)
      const key = path && relative(root, path)
      return key && isKey(key) ? key : undefined
    },

    head: async (key) => await fileInfo(root, checkKey(key)),

    get: async (key) => await reading(root, key, () => readFile(pathOf(key))),

    async getRange(key, start, end) {
      checkRange(key, start, end)
      const path = pathOf(key)
      if (start === end) return new Uint8Array()
      return await reading(root, key, async () => {
        const file = await open(path)
        try {
          return await readRange(file, key, start, end)
        } finally {
          await file.close()
        }
      })
    },

    async put(key, body) {
      await writer.write(checkKey(key), true, fillWith(key, body))
    },

    putIfAbsent: async (key, body) => await writer.write(checkKey(key), false, fillWith(key, body)),

    async compose(key, pieces) {
      let bytes = 0
      await writer.write(checkKey(key), true, async (file) => {
        bytes = await writePieces(root, key, file, pieces)
      })
      return bytes
    },

    async upload(key, path) {
      await writer.write(checkKey(key), true, (_, temporary) => copyFile(path, temporary))
    },

    async download(key, path) {
      const from = pathOf(key)
      await landFile(path, (temporary) => reading(root, key, () => copyFile(from, temporary)))
    },

    async copy(from, to) {
      const source = pathOf(from)
      await writer.write(checkKey(to), true, (_, temporary) => reading(root, from, () => copyFile(source, temporary)))
    },

    async *list(prefix, options) {
      yield* listFiles(root, checkPrefix(prefix), options?.after)
    },

    listFolders: async (prefix) => await listFoldersWithFiles(root, checkFolder(prefix)),

    async delete(keys) {
      const all = Array.from(keys, checkKey)
      for (let i = 0; i < all.length; i += DELETES_AT_ONCE) await writer.remove(all.slice(i, i + DELETES_AT_ONCE))
    },

    probe: () => probeStore(store),

    localPath: pathOf,

    close: async () => {},
  }
  return store

  function pathOf(key: string): string {
    return join(root, checkKey(key))
  }

  function fillWith(key: string, body: Uint8Array | string): (file: FileHandle) => Promise<void> {
    return (file) => writing(root, key, () => file.writeFile(body))
  }
}

async function readRange(file: FileHandle, key: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(end - start)
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
    if (bytesRead === 0) throw new InvalidRangeError(key, start, end)
    filled += bytesRead
  }
  return bytes
}
