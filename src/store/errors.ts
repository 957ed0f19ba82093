import { ScytheError } from '../errors.js'
import { quoted } from '../settings/printable.js'

/** `OBJECT_NOT_FOUND`: the store has no object with this key. */
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
 * The reason why a store does not work. `outage`: the store is unavailable, busy or full, and may
 * recover by itself. `refusal`: it denies this process every request, or this one. `lasting`: a
 * retry will have no other result.
 */
export type StoreTrouble = 'outage' | 'refusal' | 'lasting'

export interface StoreUnusableOptions extends ErrorOptions {
  /** The kind of trouble. Default: `lasting`. */
  readonly trouble?: StoreTrouble
  /** The reason in a few words, for logs: `503 SlowDown`, `ENOSPC`. Default: the whole message. */
  readonly reason?: string
  /** How long the store asks clients to wait before the next request, in ms. */
  readonly retryAfter?: number | undefined
  /** Whether the request was already retried until its time limit. */
  readonly isFinal?: boolean
}

/**
 * `STORE_UNUSABLE`: the store cannot be reached, refuses requests, or lacks a feature that Scythe
 * needs.
 */
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

  /**
   * Returns a copy of this error for a request whose retries ran out of time. Nobody retries it
   * again.
   */
  afterWaiting(time: string): StoreUnusableError {
    const { store, message, trouble, reason, cause } = this
    const text = `${message} It did not pass within ${time}.`
    return new StoreUnusableError(store, text, { trouble, reason, cause, isFinal: true })
  }
}

/** `KEY_INVALID`: a key or prefix that stores do not accept. */
export class KeyInvalidError extends ScytheError<'KEY_INVALID'> {
  constructor(
    readonly key: string,
    expected: string,
    options?: ErrorOptions,
  ) {
    super('KEY_INVALID', `Expected a key ${expected}, got ${quoted(key)}.`, options)
  }
}

/** `RANGE_INVALID`: a range that is not valid, or that ends after the end of its object. */
export class RangeInvalidError extends ScytheError<'RANGE_INVALID'> {
  constructor(
    readonly key: string,
    readonly start: number,
    readonly end: number,
    options?: ErrorOptions,
  ) {
    super('RANGE_INVALID', `Expected a range of bytes inside ${key}, got ${start} to ${end}.`, options)
  }
}

/** `STORE_ADDRESS_INVALID`: an address that does not name a store. */
export class StoreAddressInvalidError extends ScytheError<'STORE_ADDRESS_INVALID'> {
  /** `forms` describes the forms of addresses other than paths. */
  constructor(
    readonly address: string,
    forms: readonly string[],
  ) {
    super('STORE_ADDRESS_INVALID', `Expected a store to be ${forms.join(', ')} or a path, got ${quoted(address)}.`)
  }
}
