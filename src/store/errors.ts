import { ScytheError } from '../errors.js'
import { quoted } from '../settings/printable.js'

/** `OBJECT_NOT_FOUND`: the store has no object under this key. */
export class ObjectNotFoundError extends ScytheError<'OBJECT_NOT_FOUND'> {
  constructor(
    readonly key: string,
    readonly store: string,
    options?: ErrorOptions,
  ) {
    super('OBJECT_NOT_FOUND', `There is no object ${key} in ${store}.`, options)
  }
}

/**
 * What keeps a store from its work. `outage`: it is away, busy or full, and may be back by itself.
 * `refusal`: it lets this process do nothing, or not this. `lasting`: it will answer the same
 * again.
 */
export type StoreTrouble = 'outage' | 'refusal' | 'lasting'

export interface StoreUnusableOptions extends ErrorOptions {
  /** Default: `lasting`. */
  readonly trouble?: StoreTrouble
  /** In a few words, for logs: `503 SlowDown`, `ENOSPC`. Default: the whole message. */
  readonly reason?: string
  /** How long the store asks to be left alone, in ms. */
  readonly retryAfter?: number | undefined
  /** Whether the store was waited for in vain. */
  readonly isFinal?: boolean
}

/** `STORE_UNUSABLE`: the store cannot be reached, refuses to work, or lacks what Scythe needs. */
export class StoreUnusableError extends ScytheError<'STORE_UNUSABLE'> {
  readonly trouble: StoreTrouble
  readonly reason: string
  readonly retryAfter: number | undefined
  readonly isFinal: boolean

  constructor(
    readonly store: string,
    message: string,
    { trouble = 'lasting', reason = message, retryAfter, isFinal = false, ...options }: StoreUnusableOptions = {},
  ) {
    super('STORE_UNUSABLE', message, options)
    this.trouble = trouble
    this.reason = reason
    this.retryAfter = retryAfter
    this.isFinal = isFinal
  }

  /** The same, of a store that was waited for in vain: nobody waits for it again. */
  afterWaiting(time: string): StoreUnusableError {
    const { store, message, trouble, reason, cause } = this
    const text = `${message} It did not pass within ${time}.`
    return new StoreUnusableError(store, text, { trouble, reason, cause, isFinal: true })
  }
}

/** `INVALID_KEY`: a key or prefix that a store does not take. */
export class InvalidKeyError extends ScytheError<'INVALID_KEY'> {
  constructor(
    readonly key: string,
    expected: string,
    options?: ErrorOptions,
  ) {
    super('INVALID_KEY', `Expected a key ${expected}, got ${quoted(key)}.`, options)
  }
}

/** `INVALID_RANGE`: a range that is none, or that reaches beyond its object. */
export class InvalidRangeError extends ScytheError<'INVALID_RANGE'> {
  constructor(
    readonly key: string,
    readonly start: number,
    readonly end: number,
    options?: ErrorOptions,
  ) {
    super('INVALID_RANGE', `Expected a range of bytes inside ${key}, got ${start} to ${end}.`, options)
  }
}

/** `INVALID_STORE_ADDRESS`: an address that names no store. */
export class InvalidStoreAddressError extends ScytheError<'INVALID_STORE_ADDRESS'> {
  /** `forms` says how addresses are spelled that are not paths. */
  constructor(
    readonly address: string,
    forms: readonly string[],
  ) {
    super('INVALID_STORE_ADDRESS', `Expected a store to be ${forms.join(', ')} or a path, got ${quoted(address)}.`)
  }
}
