import { existsSync } from 'node:fs'
import { copyFile, type FileHandle, open, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { addressOf, pathOfUri } from './address.js'
import { RangeInvalidError } from './errors.js'
import { writeAt, writePieces } from './folder-compose.js'
import { type FolderPlace, forgetFolder, isMissing, reading, writing } from './folder-errors.js'
import { fileInfo, listFiles, listFoldersWithFiles } from './folder-list.js'
import { createFolderWriter, type FolderWriter } from './folder-writer.js'
import { checkFolder, checkKey, checkPrefix, checkRange, isKey } from './key.js'
import { writeFileAtomically } from './local-file.js'
import { BRIEF, createAttempt, type Patience } from './patience.js'
import { probeStore } from './probe.js'
import type { Store } from './store.js'

const DELETES_AT_ONCE = 64

/**
 * Creates a store in a folder of this machine. The folder is created at the first write. Each
 * object is a file. Many processes may share the folder.
 */
export function createFolderStore({ path }: { readonly path: string }): Store {
  const root = resolve(path)
  return patientStore(root, createFolderWriter(root), BRIEF)
}

function patientStore(root: string, writerFor: (place: FolderPlace) => FolderWriter, patience: Patience): Store {
  const uri = pathToFileURL(root).href
  const place: FolderPlace = { root, attempt: createAttempt(uri, patience) }
  const writer = writerFor(place)

  const store: Store = {
    uri,

    patient: (patience) => patientStore(root, writerFor, patience),

    uriOf: (key) => addressOf(store.uri, checkKey(key)),

    keyOf(uri) {
      const path = pathOfUri(uri)
      const key = path && relative(root, path)
      return key && isKey(key) ? key : undefined
    },

    head: async (key) => await fileInfo(place, checkKey(key)),

    get: async (key) => await reading(place, key, () => readFile(pathOf(key))),

    async getRange(key, start, end) {
      checkRange(key, start, end)
      const path = pathOf(key)
      if (start === end) return new Uint8Array()
      return await reading(place, key, async () => {
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
      const fill = async (file: FileHandle) => {
        bytes = await writePieces(place, key, file, pieces)
      }
      await writer.write(checkKey(key), true, fill, { once: true })
      return bytes
    },

    async upload(key, path) {
      await writer.write(checkKey(key), true, async (_, temporary) => {
        const missing = await writing(place, key, () => copyUnlessMissing(path, temporary))
        if (missing) throw missing
      })
    },

    async download(key, path) {
      const from = pathOf(key)
      await writeFileAtomically(path, (temporary) => reading(place, key, () => copyFile(from, temporary)))
    },

    async copy(from, to) {
      const source = pathOf(from)
      await writer.write(checkKey(to), true, (_, temporary) => reading(place, from, () => copyFile(source, temporary)))
    },

    async *list(prefix, options) {
      yield* listFiles(place, checkPrefix(prefix), options?.after)
    },

    listFolders: async (prefix) => await listFoldersWithFiles(place, checkFolder(prefix)),

    async delete(keys) {
      const all = Array.from(keys, checkKey)
      for (let i = 0; i < all.length; i += DELETES_AT_ONCE) await writer.remove(all.slice(i, i + DELETES_AT_ONCE))
    },

    async probe() {
      forgetFolder(root)
      await probeStore(store)
    },

    localPath: pathOf,

    close: async () => {},
  }
  return store

  function pathOf(key: string): string {
    return join(root, checkKey(key))
  }

  function fillWith(key: string, body: Uint8Array | string): (file: FileHandle) => Promise<void> {
    return (file) => writeAt(place, key, file, typeof body === 'string' ? Buffer.from(body) : body, 0)
  }
}

/**
 * Copies a local file. Returns the error if the local file is missing, because that is not a fault
 * of a store.
 */
async function copyUnlessMissing(from: string, to: string): Promise<unknown> {
  try {
    await copyFile(from, to)
    return undefined
  } catch (error) {
    if (isMissing(error) && !existsSync(from)) return error
    throw error
  }
}

async function readRange(file: FileHandle, key: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(end - start)
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
    if (bytesRead === 0) throw new RangeInvalidError(key, start, end)
    filled += bytesRead
  }
  return bytes
}
