/** Bytes that grow: a buffer with room to spare, filled up to `size`. */
export class GrowingBytes {
  bytes = Buffer.allocUnsafe(1 << 10)
  view = viewOf(this.bytes)
  size = 0

  reserve(more: number): void {
    if (this.size + more <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.size + more))
    this.bytes.copy(larger, 0, 0, this.size)
    this.bytes = larger
    this.view = viewOf(larger)
  }

  /** What was filled, valid until more is written; starts anew. */
  take(): Buffer {
    const filled = this.bytes.subarray(0, this.size)
    this.size = 0
    return filled
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
