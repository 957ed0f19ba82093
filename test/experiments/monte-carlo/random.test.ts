import { describe, expect, it } from 'vitest'
import { normal, uniform } from '../../../experiments/monte-carlo/random.js'

const draw = (next: () => number, count: number) => Array.from({ length: count }, next)
const mean = (values: number[]) => values.reduce((total, value) => total + value, 0) / values.length

describe('uniform', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(draw(uniform(7), 100)).toEqual(draw(uniform(7), 100))
    expect(draw(uniform(7), 100)).not.toEqual(draw(uniform(8), 100))
  })

  it('fills the interval evenly', () => {
    const counts = new Array<number>(10).fill(0)
    for (const value of draw(uniform(1), 100_000)) counts[Math.floor(value * 10)]! += 1
    // Four standard deviations of a binomial count.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(380)
  })
})

describe('normal', () => {
  it('has the moments of a standard normal distribution', () => {
    const values = draw(normal(1), 100_000)
    expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(100_000))
    expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 1)
    expect(mean(values.map((value) => value ** 4))).toBeCloseTo(3, 0)
    expect(mean(values.slice(1).map((value, i) => value * values[i]!))).toBeCloseTo(0, 1)
  })
})
