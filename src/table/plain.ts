import { bigint64, boolean, days, type FlatType, milliseconds, number, physicalOf, safeInteger } from './physical.js'
import { GrowingBytes, TextWriter } from './plain-text.js'
import type { Bound } from './statistics.js'

export function createPlainWriter(type: FlatType): PlainWriter {
  switch (type.kind) {
    case 'int64':
      return type.bigint ? new NumberWriter(bigint64, BIGINT) : new NumberWriter(safeInteger, INTEGER)
    case 'timestamp':
      return new NumberWriter(milliseconds, INTEGER)
    case 'double':
      return new NumberWriter(number, DOUBLE)
    case 'date':
      return new NumberWriter(days, INT32)
    case 'boolean':
      return new BooleanWriter()
    case 'string':
    case 'json':
      return new TextWriter(physicalOf(type) as (value: unknown) => string | undefined, type.kind === 'string')
  }
}

interface NumberFormat<T> {
  readonly width: number
  put(view: DataView, at: number, value: T): void
  bounds(min: T, max: T): PlainValues['bounds']
}

const BIGINT: NumberFormat<bigint> = {
  width: 8,
  put: (view, at, value) => view.setBigInt64(at, value, true),
  bounds: (min_value, max_value) => ({ min_value, max_value }),
}

const INTEGER: NumberFormat<number> = {
  width: 8,
  put(view, at, value) {
    view.setUint32(at, value >>> 0, true)
    view.setInt32(at + 4, Math.floor(value / 2 ** 32), true)
  },
  bounds: (min, max) => ({ min_value: BigInt(min), max_value: BigInt(max) }),
}

const INT32: NumberFormat<number> = {
  width: 4,
  put: (view, at, value) => view.setInt32(at, value, true),
  bounds: (min_value, max_value) => ({ min_value, max_value }),
}

const DOUBLE: NumberFormat<number> = {
  width: 8,
  put: (view, at, value) => view.setFloat64(at, value, true),
  // The format wants zeros that hold for both signs: -0 as the least value, +0 as the greatest.
  bounds: (min, max) => ({ min_value: min === 0 ? -0 : min, max_value: max === 0 ? 0 : max }),
}

class NumberWriter<T extends number | bigint> implements PlainWriter {
  readonly #data = new GrowingBytes()
  readonly #physical: (value: unknown) => T | undefined
  readonly #format: NumberFormat<T>
  #min: T | undefined
  #max: T | undefined

  constructor(physical: (value: unknown) => T | undefined, format: NumberFormat<T>) {
    this.#physical = physical
    this.#format = format
  }

  get size(): number {
    return this.#data.size
  }

  write(value: unknown): boolean {
    const stored = this.#physical(value)
    if (stored === undefined) return false
    const data = this.#data
    const { width } = this.#format
    data.reserve(width)
    this.#format.put(data.view, data.size, stored)
    data.size += width
    if (this.#min === undefined || this.#max === undefined) {
      // NaN is not a bound.
      if (!Number.isNaN(stored)) this.#min = this.#max = stored
    } else if (stored < this.#min) this.#min = stored
    else if (stored > this.#max) this.#max = stored
    return true
  }

  take(): PlainValues {
    const bounds =
      this.#min === undefined || this.#max === undefined ? undefined : this.#format.bounds(this.#min, this.#max)
    this.#min = this.#max = undefined
    return { bytes: this.#data.take(), bounds }
  }
}

/** Writes booleans: one bit each, the first in the lowest bit. */
class BooleanWriter implements PlainWriter {
  readonly #data = new GrowingBytes()
  #count = 0
  #trues = 0

  get size(): number {
    return this.#data.size
  }

  write(value: unknown): boolean {
    const bit = boolean(value)
    if (bit === undefined) return false
    const data = this.#data
    const place = this.#count++ % 8
    if (place === 0) {
      data.reserve(1)
      data.bytes[data.size++] = 0
    }
    if (bit) {
      data.bytes[data.size - 1]! |= 1 << place
      this.#trues++
    }
    return true
  }

  take(): PlainValues {
    const bounds =
      this.#count === 0 ? undefined : { min_value: this.#trues === this.#count, max_value: this.#trues > 0 }
    this.#count = this.#trues = 0
    return { bytes: this.#data.take(), bounds }
  }
}

/** Collects the values of a page in Parquet's plain encoding, and their bounds. */
export interface PlainWriter {
  /** The number of bytes collected so far. */
  readonly size: number
  /** Adds a value. Returns `false` if the value is not of the column's type. */
  write(value: unknown): boolean
  /** Returns the collected values and removes them. The bytes are valid until the next `write`. */
  take(): PlainValues
}

export interface PlainValues {
  readonly bytes: Uint8Array
  readonly bounds: { readonly min_value: Bound; readonly max_value: Bound } | undefined
}
