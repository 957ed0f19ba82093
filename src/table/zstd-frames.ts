/** The maximum size of a window in bytes: the default limit of zstd's own program. */
const LARGEST_WINDOW = 2 ** 27
/**
 * The maximum size in bytes of all windows of frames that hold almost nothing. Each window is
 * allocated and freed.
 */
const IDLE_WINDOWS = 2 ** 32
/** A frame justifies a window up to this many times the size that its blocks can have. */
const WINDOW_SHARE = 64
/** The maximum number of bytes that a block represents. */
const LARGEST_BLOCK = 2 ** 17
/** Kinds of blocks. */
const REPEATED = 1
const COMPRESSED = 2
const MAGIC = 0xfd2fb528
/** Skippable frames begin with one of sixteen numbers like this one. */
const SKIPPABLE = 0x184d2a50

/**
 * Follows a zstd stream from frame to frame. Throws if a frame asks for a window that is too large,
 * or claims more bytes than its blocks can hold. A few bytes may ask for gigabytes, which the
 * decompression library allocates at once.
 */
export class ZstdFrames {
  #part: 'frame' | 'block' | 'unknown' = 'frame'
  /** The beginning of a header. */
  #head: number[] = []
  /** The number of bytes to skip. */
  #skip = 0
  #hasChecksum = false
  /**
   * The number of bytes that the frame claims to represent, and the maximum that its blocks can
   * represent.
   */
  #claimed = 0
  #possible = 0
  /**
   * Bytes of the windows of all frames, less `WINDOW_SHARE` times the bytes that their blocks can
   * represent.
   */
  #idle = 0

  /** Returns the positions in these bytes at which frames end. */
  push(bytes: Uint8Array): number[] {
    const ends: number[] = []
    for (let at = 0; at < bytes.length && this.#part !== 'unknown'; ) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, bytes.length - at)
        this.#skip -= passed
        at += passed
      } else {
        this.#head.push(bytes[at++]!)
        const isWhole = this.#part === 'frame' ? this.#readFrame() : this.#readBlock()
        if (isWhole) this.#head = []
      }
      if (this.#part === 'frame' && this.#head.length === 0 && this.#skip === 0) ends.push(at)
    }
    return ends
  }

  /** Returns whether the header of a frame is complete. */
  #readFrame(): boolean {
    const head = this.#head
    if (head.length < 5) return false
    const magic = little(head, 0, 4)
    if (magic >>> 4 === SKIPPABLE >>> 4) {
      if (head.length < 8) return false
      this.#skip = little(head, 4, 4)
      return true
    }
    if (magic !== MAGIC) {
      // The decompression library reports the error.
      this.#part = 'unknown'
      return true
    }
    const flags = head[4]!
    const isSingle = (flags & 0x20) !== 0
    const sizeBytes = flags >> 6 === 0 ? Number(isSingle) : 1 << (flags >> 6)
    const sizeAt = 5 + Number(!isSingle) + [0, 1, 2, 4][flags & 3]!
    if (head.length < sizeAt + sizeBytes) return false
    const window = isSingle ? little(head, sizeAt, sizeBytes) : windowOf(head[5]!)
    if (window > LARGEST_WINDOW) throw new Error(`its zstd needs more than ${LARGEST_WINDOW / 2 ** 20} MB of memory.`)
    this.#idle += window
    if (this.#idle > IDLE_WINDOWS) throw new Error('its zstd takes far more memory than it holds bytes; pack it again.')
    this.#claimed = isSingle ? window : 0
    this.#possible = 0
    this.#hasChecksum = (flags & 4) !== 0
    this.#part = 'block'
    return true
  }

  /** Returns whether the header of a block is complete. */
  #readBlock(): boolean {
    if (this.#head.length < 3) return false
    const header = little(this.#head, 0, 3)
    const kind = (header >> 1) & 3
    const size = header >> 3
    this.#skip = kind === REPEATED ? 1 : size
    const possible = kind === COMPRESSED ? LARGEST_BLOCK : size
    this.#possible += possible
    this.#idle -= Math.min(this.#idle, possible * WINDOW_SHARE)
    if ((header & 1) === 0) return true
    if (this.#possible < this.#claimed) throw new Error('its zstd is damaged.')
    this.#part = 'frame'
    if (this.#hasChecksum) this.#skip += 4
    return true
  }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function little(bytes: readonly number[], at: number, count: number): number {
  let number = 0
  for (let i = count - 1; i >= 0; i--) number = number * 256 + bytes[at + i]!
  return number
}
