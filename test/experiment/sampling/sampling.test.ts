import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { grid } from '../../../src/experiment/sampling/grid.js'
import { sample } from '../../../src/experiment/sampling/sample.js'
import { sobolPoints } from '../../../src/experiment/sampling/sobol.js'

describe('grid()', () => {
  it('combines values, with the last field varying fastest', () => {
    expect([...grid({ r: { from: 1, to: 2, step: 0.5 }, city: ['denver', 'tucson'] })]).toEqual([
      { r: 1, city: 'denver' },
      { r: 1, city: 'tucson' },
      { r: 1.5, city: 'denver' },
      { r: 1.5, city: 'tucson' },
      { r: 2, city: 'denver' },
      { r: 2, city: 'tucson' },
    ])
  })

  it('includes both ends of a range, and exact decimals', () => {
    const values = (from: number, to: number, step: number) => [...grid({ x: { from, to, step } })].map(({ x }) => x)
    expect(values(0, 1, 0.1)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    expect(values(1, -1, -0.5)).toEqual([1, 0.5, 0, -0.5, -1])
    expect(values(1e-7, 3e-7, 1e-7)).toEqual([1e-7, 2e-7, 3e-7])
    expect(values(1e21, 3e21, 1e21)).toEqual([1e21, 2e21, 3e21])
    expect(values(2, 2, 5)).toEqual([2])
  })

  it('has as many values as the decimals imply, each an exact decimal', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 1, max: 99 }), fc.nat(50), (from, step, n) => {
        const axis = { from: from / 1000, to: (from + n * step) / 1000, step: step / 1000 }
        const expected = Array.from({ length: n + 1 }, (_, i) => (from + i * step) / 1000 + 0)
        expect([...grid({ x: axis })].map(({ x }) => x)).toEqual(expected)
      }),
    )
  })

  it('yields specs one at a time', () => {
    const axis = { from: 0, to: 1e6, step: 1 }
    const [first] = grid({ a: axis, b: axis, c: axis })
    expect(first).toEqual({ a: 0, b: 0, c: 0 })
  })

  it.each([
    [{ x: { from: 0, to: 1, step: 0.3 } }, 'field x cannot go from 0 to 1 in steps of 0.3'],
    [{ x: { from: 0, to: 1, step: 0 } }, 'cannot go from 0 to 1 in steps of 0'],
    [{ x: { from: 0, to: 1, step: -1 } }, 'cannot go from 0 to 1 in steps of -1'],
    [{ x: { from: 0, to: Number.NaN, step: 1 } }, 'no numbers: 0:NaN:1'],
    [{ x: [] }, 'field x has no values'],
    [{}, 'the grid has no fields'],
  ])('rejects %j', (axes, message) => {
    expect(() => grid(axes)).toThrow(message)
  })
})

describe('sobolPoints()', () => {
  const points = (dimensions: number, count: number) => {
    const sequence = sobolPoints(dimensions)
    return Array.from({ length: count }, () => sequence.next().value as number[])
  }

  it('equals qmc.Sobol(d, scramble=False) of SciPy 1.17', () => {
    expect(points(4, 5)).toEqual([
      [0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25],
      [0.25, 0.75, 0.75, 0.75],
      [0.375, 0.375, 0.625, 0.875],
    ])
    const wide = points(32, 1024)
    expect(wide[999]!.map((share) => share * 2 ** 30)).toEqual([
      168820736, 976224256, 87031808, 1062207488, 1039138816, 907018240, 921698304, 764411904, 873463808, 678428672,
      24117248, 475004928, 508559360, 1016070144, 892338176, 598736896, 303038464, 705691648, 728760320, 40894464,
      359661568, 389021696, 416284672, 378535936, 827326464, 370147328, 244318208, 179306496, 399507456, 835715072,
      1030750208, 89128960,
    ])
    expect(points(3, 100_001).at(-1)).toEqual([0.06107330322265625, 0.10758209228515625, 0.9435806274414062])
  })
})

describe('sample()', () => {
  const input = z.object({
    r: z.number().min(1).max(5),
    n: z.int().min(1).max(3).default(2),
    city: z.enum(['denver', 'tucson']),
    on: z.boolean(),
    open: z.number().gt(0).lt(1),
    note: z.string().optional(),
  })

  it.each(['sobol', 'lhs', 'random'] as const)(
    'draws specs by %s that match the input, and draws equal specs each time',
    (method) => {
      const specs = [...sample(input, { method, count: 256, seed: 7 })]
      expect(specs).toHaveLength(256)
      for (const spec of specs) expect(input.safeParse(spec).error).toBe(undefined)
      expect([...sample(input, { method, count: 256, seed: 7 })]).toEqual(specs)
      const others = [...sample(input, { method, count: 256, seed: 8 })]
      if (method === 'sobol') expect(others).toEqual(specs)
      else expect(others).not.toEqual(specs)
      expect(new Set(specs.map(({ n, city, on }) => `${n} ${city} ${on}`)).size).toBe(12)
    },
  )

  it('has one value in each part of a range by lhs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (count, seed) => {
        const specs = [
          ...sample({ a: { min: 0, max: count }, b: { min: 0, max: count } }, { method: 'lhs', count, seed }),
        ]
        const parts = Array.from({ length: count }, (_, i) => i)
        for (const name of ['a', 'b']) {
          expect(specs.map((spec) => Math.floor(spec[name] as number)).sort((x, y) => x - y)).toEqual(parts)
        }
      }),
    )
  })

  it('uses the ranges that are passed', () => {
    const ranges = { n: { min: 1, max: 6, integer: true }, city: { values: ['x'] } }
    const found = new Set([...sample(ranges, { method: 'random', count: 200 })].map(({ n }) => n))
    expect([...found].sort()).toEqual([1, 2, 3, 4, 5, 6])
  })

  it.each([
    [z.object({ x: z.number().min(1) }), {}, 'field x has no range to take values from'],
    [z.object({ x: z.string() }), {}, 'field x has no range to take values from'],
    [input, { count: 0 }, 'count has to be a whole number of 1 or more, got 0'],
    [input, { method: 'halton' }, 'method has to be sobol, lhs or random, got halton'],
    [{ x: { min: 2, max: 1 } }, {}, 'field x has no range from 2 to 1'],
  ])('rejects invalid ranges and inputs (%#)', (input, options, message) => {
    expect(() => sample(input, { method: 'random', count: 1, ...(options as object) })).toThrow(message)
  })

  it('rejects a Sobol sequence of more than 32 fields', () => {
    const ranges = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`x${i}`, { min: 0, max: 1 }]))
    expect(() => sample(ranges, { method: 'sobol', count: 1 })).toThrow('32 fields')
  })
})
