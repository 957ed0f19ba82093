import type { PlainValues, PlainWriter } from './plain.js'

/** Writes texts: for each, its length in UTF-8 bytes (4 bytes) and these bytes. */
export class TextWriter implements PlainWriter {
  readonly #data = new GrowingBytes()
  readonly #textOf: (value: unknown) => string | undefined
  readonly #bounded: boolean
  #last: string | undefined
  /** The positions of the last, the least and the greatest text. */
  #lastAt = 0
  #minAt = 0
  #maxAt = 0

  constructor(textOf: (value: unknown) => string | undefined, bounded: boolean) {
    this.#textOf = textOf
    this.#bounded = bounded
  }

  get size(): number {
    return this.#data.size
  }

  write(value: unknown): boolean {
    const text = this.#textOf(value)
    if (text === undefined) return false
    if (text === this.#last && this.size > 0) this.#repeat()
    else this.#add(text)
    return true
  }

  take(): PlainValues {
    const bounds =
      this.#bounded && this.size > 0
        ? { min_value: this.#copyAt(this.#minAt), max_value: this.#copyAt(this.#maxAt) }
        : undefined
    return { bytes: this.#data.take(), bounds }
  }

  #add(text: string): void {
    const data = this.#data
    const at = data.size
    // A UTF-16 unit takes at most three bytes in UTF-8.
    data.reserve(4 + 3 * text.length)
    const length = data.bytes.write(text, at + 4)
    data.view.setUint32(at, length, true)
    data.size = at + 4 + length
    this.#last = text
    this.#lastAt = at
    if (!this.#bounded) return
    if (at === 0) this.#minAt = this.#maxAt = 0
    else if (this.#compare(at, this.#minAt) < 0) this.#minAt = at
    else if (this.#compare(at, this.#maxAt) > 0) this.#maxAt = at
  }

  /** Copies the bytes of the last text if it repeats, as a run's id does on every row. */
  #repeat(): void {
    const data = this.#data
    const length = 4 + this.#lengthAt(this.#lastAt)
    data.reserve(length)
    data.bytes.copyWithin(data.size, this.#lastAt, this.#lastAt + length)
    this.#lastAt = data.size
    data.size += length
  }

  /** Compares the texts at `a` and `b` by their bytes. */
  #compare(a: number, b: number): number {
    const { bytes } = this.#data
    const lengthA = this.#lengthAt(a)
    const lengthB = this.#lengthAt(b)
    const shorter = Math.min(lengthA, lengthB)
    for (let i = 4; i < shorter + 4; i++) {
      const difference = bytes[a + i]! - bytes[b + i]!
      if (difference !== 0) return difference
    }
    return lengthA - lengthB
  }

  #lengthAt(at: number): number {
    return this.#data.view.getUint32(at, true)
  }

  #copyAt(at: number): Uint8Array {
    return new Uint8Array(this.#data.bytes.subarray(at + 4, at + 4 + this.#lengthAt(at)))
  }
}

/** A buffer that grows. It is filled up to `size`, and may have spare room. */
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

  /** Returns the filled bytes, which are valid until the next write, and empties the buffer. */
  take(): Buffer {
    const filled = this.bytes.subarray(0, this.size)
    this.size = 0
    return filled
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
