import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutParts, PART_MIN, type Part } from '../../src/store/s3-parts.js'
import type { Piece } from '../../src/store/store.js'

const MIB = 1024 * 1024
const source = randomBytes(14 * MIB)
const read = async (_: string, start: number, end: number) => source.subarray(start, end)

it('a composed S3 object is cut into parts that S3 accepts, with every byte in its place', async () => {
  const length = fc.oneof(
    fc.integer({ min: 0, max: 14 * MIB }),
    fc.constantFrom(0, 1, PART_MIN - 1, PART_MIN, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 13 * MIB - 1, 13 * MIB),
  )
  const piece = fc.record({ length, range: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (shapes) => {
      const pieces = shapes.map(({ length, range }): Piece => {
        return range ? { key: 'source', start: 0, end: length } : source.subarray(0, length)
      })
      const parts = await cut(pieces)
      for (const part of parts.slice(0, -1)) expect(sizeOf(part)).toBeGreaterThanOrEqual(PART_MIN)
      expect(parts.every((part) => sizeOf(part) > 0)).toBe(true)
      expect(bytesOf(parts).equals(bytesOf(pieces))).toBe(true)
    }),
    { numRuns: 30 },
  )
})

it('a composed S3 object has long ranges copied by the server, and only the bytes that fill up a part before them read', async () => {
  expect(await cut([{ key: 'a', start: 7, end: 9 * MIB }])).toEqual([{ key: 'a', start: 7, end: 9 * MIB }])
  const parts = await cut([Buffer.alloc(MIB), { key: 'a', start: 0, end: 14 * MIB }, Buffer.alloc(1)])
  expect(parts.map(sizeOf)).toEqual([5 * MIB, 10 * MIB, 1])
  expect(parts[1]).toEqual({ key: 'a', start: 4 * MIB, end: 14 * MIB })
})

it('a composed S3 object has very long ranges cut into parts that are copied concurrently', async () => {
  const end = 1024 ** 3 + 5
  const parts = await cut([{ key: 'a', start: 0, end }])
  expect(parts.length).toBe(5)
  expect(parts.map(sizeOf).reduce((a, b) => a + b)).toBe(end)
  expect(parts.at(-1)).toMatchObject({ end })
})

it('a composed S3 object has larger parts as their number grows, so that 10,000 parts suffice for the largest object', async () => {
  const pieces: Piece[] = Array(1010).fill({ key: 'a', start: 0, end: 8 * MIB })
  const parts = await cut(pieces)
  expect(parts.slice(0, 1000).every((part) => sizeOf(part) === 8 * MIB)).toBe(true)
  expect(parts.slice(1000).map(sizeOf)).toEqual(Array(5).fill(16 * MIB))
  let largest = 0
  for (let part = 0; part < 10_000; part++) largest += 8 * MIB * 2 ** Math.floor(part / 1000)
  expect(largest).toBeGreaterThan(5 * 1024 ** 4)
})

async function cut(pieces: Piece[]): Promise<Part[]> {
  const parts: Part[] = []
  for await (const part of cutParts(pieces, read)) parts.push(part)
  return parts
}

function sizeOf(part: Part): number {
  return part instanceof Uint8Array ? part.length : part.end - part.start
}

function bytesOf(pieces: (Piece | Part)[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => (piece instanceof Uint8Array ? piece : source.subarray(piece.start, piece.end))),
  )
}
