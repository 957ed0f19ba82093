import type { ChunkStatistics } from './statistics.js'

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
