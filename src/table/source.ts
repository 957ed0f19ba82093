/** Bytes that are somewhere: in memory, in a file, in a store. */
export interface ByteSource {
  readonly byteLength: number
  /** The bytes `start` (inclusive) to `end` (exclusive). */
  slice(start: number, end: number): Promise<Uint8Array>
}

/** Bytes in memory as a source. Slices are views of them. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { byteLength: bytes.length, slice: async (start, end) => bytes.subarray(start, end) }
}
