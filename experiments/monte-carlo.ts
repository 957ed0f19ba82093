// What a retrofit is worth when nobody knows the price of energy: a Monte Carlo estimate.
// Shows: the plain call, for a function that is no method; numbers in, numbers out, no files.
// The seed is part of the spec, so that the same spec gives the same numbers on every machine.

import { ExperimentRegistry } from 'scythe-engine'
import { z } from 'zod'
import { simulateRetrofit } from './monte-carlo/retrofit.js'

const input = z.object({
  investment: z.number().min(0).describe('Paid today [EUR]'),
  yearly_saving: z.number().min(0).describe('Energy saved in a year [kWh]'),
  price: z.number().positive().describe('Price of energy today [EUR/kWh]'),
  price_growth: z.number().min(-0.5).max(0.5).describe('Expected growth of the price in a year, as a logarithm'),
  price_volatility: z.number().min(0).max(2).describe('Standard deviation of the price’s logarithm after a year'),
  discount_rate: z.number().min(0).max(1).describe('For each year'),
  years: z.int().min(1).max(100),
  paths: z.int().min(1).max(10_000_000).describe('How many futures are drawn'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
})

const output = z.object({
  value: z.number().describe('Mean net present value [EUR]'),
  standard_error: z.number().describe('Of the mean [EUR]'),
  value_p05: z.number().describe('5 % of the futures are worse [EUR]'),
  value_p50: z.number().describe('Median [EUR]'),
  value_p95: z.number().describe('5 % of the futures are better [EUR]'),
  probability_of_loss: z.number().describe('Share of the futures in which the value is negative'),
})

export const retrofitValue = ExperimentRegistry.register({ input, output })(function retrofitValue(
  spec: z.infer<typeof input>,
) {
  return simulateRetrofit(spec)
})
