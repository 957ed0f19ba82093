/** Random-access bytes: in memory, in a file, or in a store. */
export interface ByteSource {
  readonly byteLength: number
  /** Reads the bytes from `start` (inclusive) to `end` (exclusive). */
  slice(start: number, end: number): Promise<Uint8Array>
}

/** Returns a source of bytes in memory. Its slices are views of these bytes. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { byteLength: bytes.length, slice: async (start, end) => bytes.subarray(start, end) }
}
