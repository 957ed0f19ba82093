/**
 * Returns a function that returns random numbers from 0 (inclusive) to 1 (exclusive). They depend
 * only on the seed: xoshiro128**, seeded by splitmix32.
 */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0
  const mix = () => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return z ^ (z >>> 16)
  }
  let [a, b, c, d] = [mix(), mix() ^ Math.floor(seed / 2 ** 32), mix(), mix()] as [number, number, number, number]
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by))
  const next = () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9)
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotate(d, 11)
    return result >>> 0
  }
  return () => ((next() >>> 6) * 2 ** 27 + (next() >>> 5)) / 2 ** 53
}

/** Returns the numbers from 0 (inclusive) to `count` (exclusive) in a random order. */
export function shuffled(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}
