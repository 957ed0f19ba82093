import type { Patience } from './patience.js'

/** One object in a listing. `key` is relative to the store's root; `size` is in bytes. */
export interface ObjectInfo {
  readonly key: string
  readonly size: number
}

/**
 * A piece of an object to be composed: bytes in memory, which must not change until they are
 * written, or the bytes from `start` (inclusive) to `end` (exclusive) of another object.
 */
export type Piece = Uint8Array | { readonly key: string; readonly start: number; readonly end: number }

/**
 * The storage of runs. Keys use `/`, have no leading slash, and are relative to the store's root.
 * Readers see an object whole or not at all. Reading a key that has no object throws
 * `ObjectNotFoundError` (code `OBJECT_NOT_FOUND`). All stores refuse a key that some store cannot
 * hold (`KeyInvalidError`). A key cannot also be a folder of other keys.
 */
export interface Store {
  /** The address of the root: `s3://bucket/prefix`, or `file:///absolute/folder`. */
  readonly uri: string
  /**
   * Returns a store that shares this store's connections, and retries requests with this patience
   * while the store is unavailable. A newly opened store has the patience `BRIEF`.
   */
  patient(patience: Patience): Store
  /** Returns the address of an object, for tables and manifests. */
  uriOf(key: string): string
  /** Returns the key of an address inside this store, or `undefined` for any other address. */
  keyOf(uri: string): string | undefined
  /**
   * Returns the key and size of an object without reading it, or `undefined` if there is no object.
   */
  head(key: string): Promise<ObjectInfo | undefined>
  get(key: string): Promise<Uint8Array>
  /**
   * Reads the bytes from `start` (inclusive) to `end` (exclusive). Throws `RangeInvalidError` if
   * the object ends before `end`.
   */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>
  put(key: string, body: Uint8Array | string): Promise<void>
  /**
   * Writes an object only if the key has none. Resolves with `true` if it wrote, and with `false`
   * if an object was there. It is atomic among all writers. The existing object may come from this
   * very call, because an answer can be lost.
   */
  putIfAbsent(key: string, body: Uint8Array | string): Promise<boolean>
  /**
   * Writes one object from pieces, in order, in bounded memory. Resolves with the number of bytes
   * written. A failure leaves neither an object nor a partial one.
   */
  compose(key: string, pieces: Iterable<Piece> | AsyncIterable<Piece>): Promise<number>
  /** Streams a local file into an object. */
  upload(key: string, path: string): Promise<void>
  /** Streams an object into a local file, which appears only when it is complete. */
  download(key: string, path: string): Promise<void>
  copy(from: string, to: string): Promise<void>
  /**
   * Lists every object under a prefix, in the order of the keys' UTF-8 bytes. With `after`, lists
   * only the keys after it.
   */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<ObjectInfo>
  /**
   * Returns the names of the folders directly under `prefix` (which ends in `/` or is empty),
   * sorted, without slashes.
   */
  listFolders(prefix: string): Promise<string[]>
  /** Removes objects. A missing object is not an error. */
  delete(keys: Iterable<string>): Promise<void>
  /**
   * Checks the store. Throws `StoreUnusableError` if it cannot be reached or written to, or ignores
   * conditional puts. Leaves nothing behind.
   */
  probe(): Promise<void>
  /** Returns the object's path on this machine if the store is a folder, else `undefined`. */
  localPath(key: string): string | undefined
  /** Closes the connections. */
  close(): Promise<void>
}
