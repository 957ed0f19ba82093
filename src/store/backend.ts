import type { Environment, Settings, ValuesOf } from '../settings/environment.js'
import type { Store } from './store.js'

/** The place of an object: the address of its store, and its key in that store. */
export interface ObjectPlace {
  readonly store: string
  readonly key: string
}

/** The place of a store, however its address is spelled. */
export interface StorePlace {
  /** Opens the store. Does not read or write anything yet. */
  open(): Store
  /** Returns whether an address is that of this store, or of a store within it. */
  covers(address: string): Promise<boolean>
  /**
   * Returns whether an object is in this store. It is called only for objects whose addresses
   * `objects` splits.
   */
  holds(uri: string): boolean
}

/**
 * A kind of store: everything that the rest of Scythe has to know about it. `backends.ts` lists all
 * backends.
 */
export interface Backend<S extends Settings = Settings> {
  /** The name of the backend in `SCYTHE_STORAGE_BACKEND`. */
  readonly name: string
  /** The scheme of the backend's addresses. */
  readonly scheme: string
  /** The form of the addresses of its stores, for messages: `s3://bucket/prefix`. */
  readonly form: string
  /** The settings that name a store. */
  readonly settings: S
  /**
   * The setting that needs a value if this backend is chosen. Absent if the defaults name a store.
   */
  readonly needs?: { readonly setting: string; readonly what: string }
  /** Variables that are hidden from processes that run specs: credentials. */
  readonly secrets: readonly string[]
  /**
   * The addresses of the backend's objects, if Scythe fetches objects by address. Absent if the
   * objects are files that any program can open.
   */
  readonly objects?: {
    /** The form of the objects' addresses, for messages: `s3://bucket/key`. */
    readonly form: string
    /** Splits an object's address. Returns `undefined` if the text is not such an address. */
    split(uri: string): ObjectPlace | undefined
  }
  /** Returns the address of the store that the settings name. */
  addressOf(values: ValuesOf<S>, env: Environment): string
  /**
   * Returns the place of the store at an address, or `undefined` if the address does not belong to
   * this backend.
   */
  locate(address: string): StorePlace | undefined
  /** Returns whether a text that starts with the scheme can be the `uri` of a store. */
  isUri(text: string): boolean
}
