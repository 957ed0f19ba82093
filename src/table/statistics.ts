import type { Statistics } from 'hyparquet'

/** The least or greatest value as Parquet stores it: dates as days, times as milliseconds, texts as bytes. */
export type Bound = number | bigint | boolean | Uint8Array

/** What the footer says of the values of one column chunk. Columns of JSON and nested ones have no bounds. */
export interface ChunkStatistics extends Statistics {
  readonly null_count: bigint
  readonly min_value?: Bound
  readonly max_value?: Bound
}

/** The statistics of two stretches of values laid end to end. */
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

/** Whether `a` is the bound of both: there is no other, or it lies on the `side` of it. */
function holds(a: Bound | undefined, b: Bound | undefined, side: -1 | 1): boolean {
  if (a === undefined || b === undefined) return b === undefined
  return compareBounds(a, b) * side >= 0
}

function compareBounds(a: Bound, b: Bound): number {
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array)
  return a < b ? -1 : a > b ? 1 : 0
}

/** Pages of one leaf laid end to end, each with its header, and what a footer says of them. */
export interface ChunkPages {
  readonly pages: readonly Uint8Array[]
  /** Values, nulls among them. More or fewer than rows where the column is a list. */
  readonly values: number
  /** What the pages would take without compression, headers included. */
  readonly uncompressedSize: number
  /** The checksums of the pages' headers, added up. */
  readonly headers: number
  readonly statistics: ChunkStatistics
}
