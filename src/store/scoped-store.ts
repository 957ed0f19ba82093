import type { Piece, Store } from './store.js'

/**
 * Returns a store whose root is a folder of another store. The keys of a run are therefore relative
 * to the run, wherever its folder is.
 */
export function scopedStore(store: Store, folder: string): Store {
  const root = `${folder}/`
  const at = (key: string) => root + key
  const own = (key: string) => key.slice(root.length)
  return {
    uri: store.uriOf(folder),
    patient: (patience) => scopedStore(store.patient(patience), folder),
    uriOf: (key) => store.uriOf(at(key)),
    keyOf(uri) {
      const key = store.keyOf(uri)
      return key?.startsWith(root) ? own(key) : undefined
    },
    async head(key) {
      const info = await store.head(at(key))
      return info && { ...info, key }
    },
    get: (key) => store.get(at(key)),
    getRange: (key, start, end) => store.getRange(at(key), start, end),
    put: (key, body) => store.put(at(key), body),
    putIfAbsent: (key, body) => store.putIfAbsent(at(key), body),
    compose: (key, pieces) => store.compose(at(key), piecesAt(pieces, at)),
    upload: (key, path) => store.upload(at(key), path),
    download: (key, path) => store.download(at(key), path),
    copy: (from, to) => store.copy(at(from), at(to)),
    async *list(prefix, options) {
      const after = options?.after === undefined ? {} : { after: at(options.after) }
      for await (const info of store.list(at(prefix), after)) yield { ...info, key: own(info.key) }
    },
    listFolders: (prefix) => store.listFolders(at(prefix)),
    delete: (keys) => store.delete([...keys].map(at)),
    probe: () => store.probe(),
    localPath: (key) => store.localPath(at(key)),
    close: () => store.close(),
  }
}

async function* piecesAt(pieces: Iterable<Piece> | AsyncIterable<Piece>, at: (key: string) => string) {
  for await (const piece of pieces) yield piece instanceof Uint8Array ? piece : { ...piece, key: at(piece.key) }
}
