import type { Statistics } from 'hyparquet'

/**
 * The least or greatest value as Parquet stores it: dates as days, times as milliseconds, texts as
 * bytes.
 */
export type Bound = number | bigint | boolean | Uint8Array

/**
 * The statistics of one column chunk in the footer. Columns of JSON and nested columns have no
 * bounds.
 */
export interface ChunkStatistics extends Statistics {
  readonly null_count: bigint
  readonly min_value?: Bound
  readonly max_value?: Bound
}

/** Merges the statistics of two sequences of values that are appended to each other. */
export function mergeStatistics(a: ChunkStatistics, b: ChunkStatistics): ChunkStatistics {
  const low = holds(a.min_value, b.min_value, -1) ? a : b
  const high = holds(a.max_value, b.max_value, 1) ? a : b
  return {
    null_count: a.null_count + b.null_count,
    min_value: low.min_value,
    is_min_value_exact: low.is_min_value_exact,
    max_value: high.max_value,
    is_max_value_exact: high.is_max_value_exact,
  } as ChunkStatistics
}

/** Returns whether `a` is the bound of both: there is no other, or it lies on the `side` of it. */
function holds(a: Bound | undefined, b: Bound | undefined, side: -1 | 1): boolean {
  if (a === undefined || b === undefined) return b === undefined
  return compareBounds(a, b) * side >= 0
}

function compareBounds(a: Bound, b: Bound): number {
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array)
  return a < b ? -1 : a > b ? 1 : 0
}

/** Consecutive pages of one leaf, each with its header, and their description for the footer. */
export interface ChunkPages {
  readonly pages: readonly Uint8Array[]
  /**
   * The number of values, including nulls. If the column is a list, it differs from the number of
   * rows.
   */
  readonly values: number
  /** The size of the pages without compression, headers included. */
  readonly uncompressedSize: number
  /** The sum of the checksums of the pages' headers. */
  readonly headers: number
  readonly statistics: ChunkStatistics
}
