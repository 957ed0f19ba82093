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

/** `KEY_INVALID`: a key or prefix that a store does not take. */
export class KeyInvalidError extends ScytheError<'KEY_INVALID'> {
  constructor(
    readonly key: string,
    expected: string,
    options?: ErrorOptions,
  ) {
    super('KEY_INVALID', `Expected a key ${expected}, got ${quoted(key)}.`, options)
  }
}

/** `RANGE_INVALID`: a range that is none, or that reaches beyond its object. */
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

/** `STORE_ADDRESS_INVALID`: an address that names no store. */
export class StoreAddressInvalidError extends ScytheError<'STORE_ADDRESS_INVALID'> {
  /** `forms` says how addresses are spelled that are not paths. */
  constructor(
    readonly address: string,
    forms: readonly string[],
  ) {
    super('STORE_ADDRESS_INVALID', `Expected a store to be ${forms.join(', ')} or a path, got ${quoted(address)}.`)
  }
}
