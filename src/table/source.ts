/** Bytes that are somewhere: in memory, in a file, in a store. */
export interface ByteSource {
  readonly byteLength: number
  /** The bytes `start` (inclusive) to `end` (exclusive). */
  slice(start: number, end: number): Promise<Uint8Array>
}

/** A stretch of a file to be written: bytes at hand, or the bytes `start` (inclusive) to `end` (exclusive) of an object that is there. */
export type TablePiece = Uint8Array | { readonly key: string; readonly start: number; readonly end: number }
