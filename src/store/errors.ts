import { ScytheError } from '../errors.js'

/** `OBJECT_NOT_FOUND`: the store has no object under this key. */
export class ObjectNotFoundError extends ScytheError {
  constructor(
    readonly key: string,
    readonly store: string,
    options?: ErrorOptions,
  ) {
    super('OBJECT_NOT_FOUND', `There is no object ${key} in ${store}.`, options)
  }
}

/** `STORE_UNUSABLE`: the store cannot be reached, refuses to work, or lacks what Scythe needs. */
export class StoreUnusableError extends ScytheError {
  constructor(
    readonly store: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super('STORE_UNUSABLE', message, options)
  }
}

/** `INVALID_KEY`: a key or prefix that a store does not take. */
export class InvalidKeyError extends ScytheError {
  constructor(
    readonly key: string,
    expected: string,
    options?: ErrorOptions,
  ) {
    super('INVALID_KEY', `Expected a key ${expected}, got ${JSON.stringify(key)}.`, options)
  }
}

/** `INVALID_RANGE`: a range that is none, or that reaches beyond its object. */
export class InvalidRangeError extends ScytheError {
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
export class InvalidStoreAddressError extends ScytheError {
  constructor(readonly address: string) {
    super(
      'INVALID_STORE_ADDRESS',
      `Expected a store to be s3://bucket/prefix, file:///folder or a path, got ${JSON.stringify(address)}.`,
    )
  }
}
