import { Decompress } from 'fzstd'
import { ZstdFrames } from './zstd-frames.js'

/** Four bytes may stand for 128 kB: so few at a time bound what one step makes of them. */
const STEP = 1024

/** Unpacks zstd as it comes, a little at a time, however much it stands for. Throws if the bytes are damaged. */
export class ZstdUnpacker {
  readonly #ready: Uint8Array[] = []
  readonly #decompress: Decompress
  readonly #frames = new ZstdFrames()

  constructor() {
    // The library uses its buffers again.
    this.#decompress = new Decompress((bytes) => this.#ready.push(bytes.slice()))
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    let at = 0
    // The library holds the windows of all frames that it gets at once.
    for (const end of [...this.#frames.push(bytes), bytes.length]) {
      while (at < end) {
        const next = Math.min(at + STEP, end)
        // It keeps what it does not need yet.
        this.#unpack(bytes.slice(at, next), false)
        yield* this.#ready.splice(0)
        at = next
      }
    }
  }

  /** Throws if the bytes end too early. */
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

/** Unpacks a page in zstd that is known to stand for so many bytes, and takes no more memory if it stands for more. */
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
