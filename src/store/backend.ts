import type { Environment, Settings, ValuesOf } from '../settings/environment.js'
import type { Store } from './store.js'

/** An object by the address of a store that it lies in, and its key there. */
export interface ObjectPlace {
  readonly store: string
  readonly key: string
}

/** Where a store lies, however its address is spelled. */
export interface StorePlace {
  /** Opens the store. Nothing is read or written yet. */
  open(): Store
  /** Returns whether this is the address of this store, or of one within it. */
  covers(address: string): Promise<boolean>
  /**
   * Returns whether an object lies in this store. It is asked only of objects whose addresses
   * `objects` splits.
   */
  holds(uri: string): boolean
}

/**
 * A kind of store: everything that the rest of Scythe has to know of it. `backends.ts` lists all of
 * them.
 */
export interface Backend<S extends Settings = Settings> {
  /** The name that `SCYTHE_STORAGE_BACKEND` has for it. */
  readonly name: string
  /** The scheme of its addresses. */
  readonly scheme: string
  /** How the addresses of its stores are spelled, for messages: `s3://bucket/prefix`. */
  readonly form: string
  /** The variables that name a store. */
  readonly settings: S
  /**
   * The setting that has to have a value if this backend is chosen. Without one, the defaults name
   * a store.
   */
  readonly needs?: { readonly setting: string; readonly what: string }
  /** Variables that processes which run specs do not see: credentials. */
  readonly secrets: readonly string[]
  /**
   * The addresses of its objects, if Scythe fetches them by it. Otherwise they are files that any
   * program opens.
   */
  readonly objects?: {
    /** How they are spelled, for messages: `s3://bucket/key`. */
    readonly form: string
    /** Splits an address. Returns `undefined` if it is not one. */
    split(uri: string): ObjectPlace | undefined
  }
  /** Returns the address of the store that settings name. */
  addressOf(values: ValuesOf<S>, env: Environment): string
  /**
   * Returns the place of the store at an address, or `undefined` if it is not an address of this
   * backend.
   */
  locate(address: string): StorePlace | undefined
  /** Returns whether a store's `uri` may be this text, which starts with the scheme. */
  isUri(text: string): boolean
}
