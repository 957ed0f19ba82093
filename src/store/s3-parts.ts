import { checkRange } from './key.js'
import type { Piece } from './store.js'

const MIB = 1024 * 1024
/** The least size of a part in S3, except for the last part. */
export const PART_MIN = 5 * MIB
const PART_BYTES = 8 * MIB
/** A part may copy up to 5 GiB, but smaller parts are copied in parallel. */
const COPY_MAX = 256 * MIB
/** S3 allows 10,000 parts and 5 TiB: doubling the part size ten times reaches both. */
const PARTS_OF_ONE_SIZE = 1000

/**
 * One part of a multipart upload: bytes to send, or a range of another object that the server
 * copies.
 */
export type Part = Uint8Array | { readonly key: string; readonly start: number; readonly end: number }

/**
 * Cuts pieces into parts that S3 accepts. Ranges that are too short for a copy on the server are
 * downloaded.
 */
export async function* cutParts(
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
  read: (key: string, start: number, end: number) => Promise<Uint8Array>,
): AsyncGenerator<Part> {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let made = 0

  for await (const piece of pieces) {
    if (piece instanceof Uint8Array) yield* add(piece)
    else yield* addRange(piece.key, piece.start, piece.end)
  }
  yield* flush()

  function* add(bytes: Uint8Array): Generator<Part> {
    for (let start = 0; start < bytes.length; ) {
      const room = partBytes() - pendingBytes
      const some = bytes.subarray(start, start + room)
      pending.push(some)
      pendingBytes += some.length
      start += some.length
      if (some.length === room) yield* flush()
    }
  }

  async function* addRange(key: string, start: number, end: number): AsyncGenerator<Part> {
    checkRange(key, start, end)
    // The pending bytes must become a part first, and may be too few for a part.
    const topUp = pendingBytes === 0 ? 0 : Math.max(0, PART_MIN - pendingBytes)
    const from = start + topUp
    if (end - from < partBytes()) return yield* add(await read(key, start, end))
    if (topUp > 0) yield* add(await read(key, start, from))
    yield* flush()
    const copies = Math.ceil((end - from) / COPY_MAX)
    const cut = (i: number) => from + Math.floor(((end - from) * i) / copies)
    for (let i = 0; i < copies; i++) {
      made++
      yield { key, start: cut(i), end: cut(i + 1) }
    }
  }

  function* flush(): Generator<Part> {
    if (pendingBytes === 0) return
    const bytes = pending.length === 1 ? pending[0]! : Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    made++
    yield bytes
  }

  function partBytes(): number {
    return PART_BYTES * 2 ** Math.floor(made / PARTS_OF_ONE_SIZE)
  }
}
