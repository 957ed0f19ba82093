import { normal } from './random.js'

export interface Retrofit {
  readonly investment: number
  readonly yearly_saving: number
  readonly price: number
  readonly price_growth: number
  readonly price_volatility: number
  readonly discount_rate: number
  readonly years: number
  readonly paths: number
  readonly seed: number
}

/**
 * The net present value of a saving whose price wanders: a geometric Brownian motion in steps of a year, `paths` times.
 */
export function simulateRetrofit(spec: Retrofit) {
  const values = new Float64Array(spec.paths)
  const next = normal(spec.seed)
  const drift = spec.price_growth - spec.price_volatility ** 2 / 2
  for (let path = 0; path < spec.paths; path++) {
    let price = spec.price
    let value = -spec.investment
    let discount = 1
    for (let year = 1; year <= spec.years; year++) {
      price *= Math.exp(drift + spec.price_volatility * next())
      discount /= 1 + spec.discount_rate
      value += spec.yearly_saving * price * discount
    }
    values[path] = value
  }
  values.sort()
  const mean = values.reduce((total, value) => total + value, 0) / spec.paths
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / Math.max(1, spec.paths - 1)
  return {
    value: mean,
    standard_error: Math.sqrt(variance / spec.paths),
    value_p05: quantile(values, 0.05),
    value_p50: quantile(values, 0.5),
    value_p95: quantile(values, 0.95),
    probability_of_loss: values.filter((value) => value < 0).length / spec.paths,
  }
}

/** Between the two nearest of the sorted values, in proportion. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1)
  const below = sorted[Math.floor(position)]!
  const above = sorted[Math.ceil(position)]!
  return below + (above - below) * (position % 1)
}
