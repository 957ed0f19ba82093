// Frames of zstd with blocks that are not compressed: Node 20 has no zstd of its own.

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
/** No block is longer. */
const LONGEST = 128 * 1024

/** Returns bytes as they are, in a frame of zstd. */
export function rawZstd(bytes: Uint8Array): Uint8Array {
  return frame(bytes.length, [blockHeader(bytes.length, 0), bytes])
}

/** Returns a frame of zstd that stands for one byte, many times. */
export function sameZstd(byte: number, times: number): Uint8Array {
  return frame(times, [blockHeader(times, 1), Uint8Array.of(byte)])
}

/** One segment, with its size in four bytes and without a checksum. */
function frame(size: number, block: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(size)
  return Buffer.concat([Uint8Array.from([...MAGIC, 0b10100000]), header, ...block])
}

/** Of the last block of a frame; `kind` is 0 for bytes as they are, 1 for one many times. */
function blockHeader(size: number, kind: 0 | 1): Uint8Array {
  if (size > LONGEST) throw new Error(`A block has ${LONGEST} bytes at most.`)
  const header = (size << 3) | (kind << 1) | 1
  return Uint8Array.of(header & 255, (header >> 8) & 255, (header >> 16) & 255)
}
