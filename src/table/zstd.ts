import { Decompress } from 'fzstd'
import { ZstdFrames } from './zstd-frames.js'

/**
 * The number of bytes that are decompressed per step. Four bytes may represent 128 kB, so a small
 * step bounds the size of its result.
 */
const STEP = 1024

/**
 * Decompresses a zstd stream in small steps, however many bytes it represents. Throws if the bytes
 * are damaged.
 */
export class ZstdUnpacker {
  readonly #ready: Uint8Array[] = []
  readonly #decompress: Decompress
  readonly #frames = new ZstdFrames()

  constructor() {
    // The library reuses its buffers.
    this.#decompress = new Decompress((bytes) => this.#ready.push(bytes.slice()))
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    let at = 0
    // The library holds the windows of all frames that it receives in one call.
    for (const end of [...this.#frames.push(bytes), bytes.length]) {
      while (at < end) {
        const next = Math.min(at + STEP, end)
        // The library keeps the bytes that it does not need yet.
        this.#unpack(bytes.slice(at, next), false)
        yield* this.#ready.splice(0)
        at = next
      }
    }
  }

  /** Ends the stream. Throws if the bytes end too early. */
  *end(): Generator<Uint8Array> {
    this.#unpack(new Uint8Array(0), true)
    yield* this.#ready.splice(0)
  }

  #unpack(bytes: Uint8Array, isLast: boolean): void {
    try {
      this.#decompress.push(bytes, isLast)
    } catch (cause) {
      throw new Error(`its zstd is ${isLast ? 'cut off' : 'damaged'}.`, { cause })
    }
  }
}

/**
 * Decompresses a zstd page that is known to represent `length` bytes. Takes no more memory if the
 * page represents more.
 */
export function unpackZstd(bytes: Uint8Array, length: number): Uint8Array {
  const unpacker = new ZstdUnpacker()
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of [unpacker.push(bytes), unpacker.end()]) {
    for (const piece of part) {
      if (at + piece.length > length) throw new Error(`its zstd stands for more than ${length} bytes.`)
      whole.set(piece, at)
      at += piece.length
    }
  }
  return whole.subarray(0, at)
}
