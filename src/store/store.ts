import type { Patience } from './patience.js'

/** One object as a listing shows it. `key` is relative to the store's root; `size` is in bytes. */
export interface ObjectInfo {
  readonly key: string
  readonly size: number
}

/**
 * A stretch of an object to be composed: bytes at hand (which stay as they are until it is written), or the bytes `start`
 * (inclusive) to `end` (exclusive) of another object.
 */
export type Piece = Uint8Array | { readonly key: string; readonly start: number; readonly end: number }

/**
 * Where runs live. Keys use `/`, have no leading slash, and are relative to the store's root. An object is seen whole or not
 * at all. Reading a key that is not there throws `ObjectNotFoundError` (code `OBJECT_NOT_FOUND`). A key that some store cannot
 * hold is refused by all (`KeyInvalidError`); no key is also a folder of others.
 */
export interface Store {
  /** The root: `s3://bucket/prefix`, or `file:///absolute/folder`. */
  readonly uri: string
  /** The same store, over the same connections, that waits for itself so long where it is away. As it is opened it waits `BRIEF`ly. */
  patient(patience: Patience): Store
  /** The address of an object, for tables and manifests. */
  uriOf(key: string): string
  /** The key of an address inside this store, else `undefined`. */
  keyOf(uri: string): string | undefined
  /** What is known of an object without reading it, or `undefined` where there is none. */
  head(key: string): Promise<ObjectInfo | undefined>
  get(key: string): Promise<Uint8Array>
  /** Bytes `start` (inclusive) to `end` (exclusive), all of them: throws `RangeInvalidError` where the object ends before. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>
  put(key: string, body: Uint8Array | string): Promise<void>
  /**
   * Writes only where no object is: `true` if it wrote, `false` if one was there. Atomic among all writers. The one that was
   * there may be one's own: an answer can be lost.
   */
  putIfAbsent(key: string, body: Uint8Array | string): Promise<boolean>
  /** Writes one object from pieces, in order, in bounded memory. Gives the bytes written. A failure leaves no object and no rest. */
  compose(key: string, pieces: Iterable<Piece> | AsyncIterable<Piece>): Promise<number>
  /** Streams a local file into an object. */
  upload(key: string, path: string): Promise<void>
  /** Streams an object into a local file, which appears only when it is complete. */
  download(key: string, path: string): Promise<void>
  copy(from: string, to: string): Promise<void>
  /** Every object under a prefix, in the order of the keys' UTF-8 bytes, those after `after` only. */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<ObjectInfo>
  /** The names of the folders directly under `prefix` (which ends in `/` or is empty), sorted, without slashes. */
  listFolders(prefix: string): Promise<string[]>
  /** Removes objects; one that is not there is no error. */
  delete(keys: Iterable<string>): Promise<void>
  /** Throws `StoreUnusableError` where the store cannot be reached, written to, or ignores conditional puts. Leaves nothing behind. */
  probe(): Promise<void>
  /** In a folder: the object's path on this machine. Elsewhere `undefined`. */
  localPath(key: string): string | undefined
  /** Lets connections go. */
  close(): Promise<void>
}
