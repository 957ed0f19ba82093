import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Retrofit, simulateRetrofit } from '../../../experiments/monte-carlo/retrofit.js'

const SPEC = {
  investment: 20_000,
  yearly_saving: 8_000,
  price: 0.2,
  price_growth: 0.02,
  price_volatility: 0.2,
  discount_rate: 0.04,
  years: 20,
  paths: 20_000,
  seed: 1,
}

describe('simulateRetrofit', () => {
  it('meets the expected value, which has a closed form, within four standard errors', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { value, standard_error } = simulateRetrofit({ ...SPEC, seed })
      expect(Math.abs(value - expectedValue(SPEC))).toBeLessThan(4 * standard_error)
    }
  })

  it('is certain where prices are', () => {
    const result = simulateRetrofit({ ...SPEC, price_volatility: 0, paths: 10 })
    expect(result.value).toBeCloseTo(expectedValue(SPEC), 6)
    expect(result.value_p05).toBeCloseTo(result.value_p95, 6)
  })

  it('orders its quantiles, for any retrofit', () => {
    const specs = fc.record({
      seed: fc.nat(),
      paths: fc.integer({ min: 1, max: 50 }),
      price_volatility: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(specs, (change) => {
        const result = simulateRetrofit({ ...SPEC, ...change })
        expect(result.value_p05).toBeLessThanOrEqual(result.value_p50)
        expect(result.value_p50).toBeLessThanOrEqual(result.value_p95)
        expect(result).toEqual(simulateRetrofit({ ...SPEC, ...change }))
      }),
    )
  })

  it('counts the futures that lose', () => {
    expect(simulateRetrofit({ ...SPEC, investment: 1e9 }).probability_of_loss).toBe(1)
    expect(simulateRetrofit({ ...SPEC, investment: 0 }).probability_of_loss).toBe(0)
    const { value_p50, value_p95, probability_of_loss } = simulateRetrofit({ ...SPEC, investment: 30_000 })
    expect(value_p50 < 0).toBe(probability_of_loss > 0.5)
    expect(value_p95 < 0).toBe(probability_of_loss > 0.95)
  })
})

function expectedValue(spec: Retrofit): number {
  let value = -spec.investment
  for (let year = 1; year <= spec.years; year++) {
    value += (spec.yearly_saving * spec.price * Math.exp(spec.price_growth * year)) / (1 + spec.discount_rate) ** year
  }
  return value
}
