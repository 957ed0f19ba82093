import type { Bound } from './statistics.js'

/** Collects the values of a page in Parquet's plain encoding, and their bounds. */
export interface PlainWriter {
  /** Bytes collected so far. */
  readonly size: number
  /** Adds a value; `false` where it is not of the column's type. */
  write(value: unknown): boolean
  /** What was collected, and starts anew. The bytes are valid until the next `write`. */
  take(): PlainValues
}

export interface PlainValues {
  readonly bytes: Uint8Array
  readonly bounds: { readonly min_value: Bound; readonly max_value: Bound } | undefined
}
