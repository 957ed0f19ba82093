import type { Random } from '../chaos/random.js'

/** Lengths, counts and offsets that code has trouble with. */
const NUMBERS = [0, 1, -1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, -(2 ** 31)]
const LARGE = [...NUMBERS, 2 ** 53 - 1, 2 ** 53, 1e15, 1e21, 1e308, 0.5, -0.5]
const MOST_STEPS = 5

/** Returns good bytes that were damaged a few times. `words` mean something where they are read; `others` are good ones to mix in. */
export function damaged(
  good: Uint8Array,
  random: Random,
  { words = [], others = [] }: { readonly words?: readonly string[]; readonly others?: readonly Uint8Array[] } = {},
): Uint8Array {
  let bytes = Buffer.from(good)
  // Most often one: what was damaged in many places is refused for the first of them.
  const steps = random.chance(0.05) ? 0 : random.magnitude(1, random.chance(0.7) ? 2 : MOST_STEPS)
  for (let step = 0; step < steps; step++) bytes = random.pick(STEPS)(bytes, random, words, others)
  return bytes
}

type Step = (
  bytes: Buffer<ArrayBuffer>,
  random: Random,
  words: readonly string[],
  others: readonly Uint8Array[],
) => Buffer<ArrayBuffer>

const STEPS: readonly Step[] = [
  (bytes, random) => changed(bytes, random, (at) => bytes[at]! ^ (1 << random.whole(0, 7))),
  (bytes, random) => changed(bytes, random, () => random.pick([0, 1, 10, 13, 34, 44, 127, 128, 255])),
  (bytes, random) => changed(bytes, random, () => random.whole(0, 255)),
  // A number in four bytes, or in ASCII.
  (bytes, random) => {
    if (bytes.length < 4) return bytes
    bytes.writeInt32LE(random.pick(NUMBERS) | 0, random.whole(0, bytes.length - 4))
    return bytes
  },
  (bytes, random) => {
    const found = [...bytes.toString('latin1').matchAll(/\d+/g)]
    if (found.length === 0) return bytes
    const { 0: digits, index } = random.pick(found)
    return spliced(bytes, index, index + digits.length, Buffer.from(String(random.pick(LARGE))))
  },
  (bytes, random) => bytes.subarray(0, random.whole(0, bytes.length)),
  (bytes, random) => {
    const [start, end] = stretch(bytes, random)
    return spliced(bytes, start, end, Buffer.alloc(0))
  },
  // Twice, or many times.
  (bytes, random) => {
    const [start, end] = stretch(bytes, random)
    const piece = bytes.subarray(start, end)
    const times = random.magnitude(1, Math.max(1, Math.min(2000, 20_000 / Math.max(1, piece.length))))
    return spliced(bytes, end, end, Buffer.concat(Array.from({ length: times }, () => piece)))
  },
  (bytes, random) => {
    const [start, end] = stretch(bytes, random)
    const at = random.whole(0, bytes.length)
    return spliced(bytes, at, at, bytes.subarray(start, end))
  },
  (bytes, random, words) => {
    const word = words.length > 0 ? random.pick(words) : String.fromCodePoint(random.whole(0, 0xd7ff))
    const at = random.whole(0, bytes.length)
    return spliced(bytes, at, random.chance(0.5) ? at : Math.min(bytes.length, at + word.length), Buffer.from(word))
  },
  (bytes, random, _words, others) => {
    if (others.length === 0) return bytes
    const other = Buffer.from(random.pick(others))
    return Buffer.concat([
      bytes.subarray(0, random.whole(0, bytes.length)),
      other.subarray(random.whole(0, other.length)),
    ])
  },
]

function changed(bytes: Buffer<ArrayBuffer>, random: Random, byte: (at: number) => number): Buffer<ArrayBuffer> {
  if (bytes.length === 0) return bytes
  const at = random.whole(0, bytes.length - 1)
  bytes[at] = byte(at)
  return bytes
}

function stretch(bytes: Uint8Array, random: Random): [number, number] {
  const start = random.whole(0, bytes.length)
  return [start, Math.min(bytes.length, start + random.magnitude(1, Math.max(1, bytes.length - start)))]
}

function spliced(bytes: Uint8Array, start: number, end: number, piece: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(end)])
}
