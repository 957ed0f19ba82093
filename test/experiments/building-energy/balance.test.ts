import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freeCooling, simulate } from '../../../experiments/building-energy/balance.js'
import { toNetwork } from '../../../experiments/building-energy/building.js'
import { readEpw } from '../../../experiments/building-energy/epw.js'
import { need, solve } from '../../../experiments/building-energy/network.js'
import { type OfficeSpec, office, operate } from '../../../experiments/building-energy/office.js'
import { weatherFile } from './weather.js'

const weather = readEpw(weatherFile('Chicago'))
const SPEC: OfficeSpec = {
  r_value: 3,
  lighting_power: 10,
  heating_setpoint: 20,
  cooling_setpoint: 25,
  window_share: 0.4,
  economizer: false,
}

const run = (change: Partial<OfficeSpec>) => {
  const spec = { ...SPEC, ...change }
  const year = simulate(office(spec), weather, operate(spec, weather))
  const total = (values: Float64Array) => values.reduce((a, b) => a + b)
  return { year, heating: total(year.heating), cooling: total(year.cooling), free: total(year.freeCooling) }
}

const specs = fc.record({
  r_value: fc.double({ min: 0.3, max: 10, noNaN: true }),
  lighting_power: fc.double({ min: 0, max: 30, noNaN: true }),
  window_share: fc.double({ min: 0, max: 0.9, noNaN: true }),
})

describe('a year of the office', () => {
  it('needs no more heat with more insulation', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(run({ ...spec, r_value: spec.r_value * 1.5 }).heating).toBeLessThanOrEqual(run(spec).heating)
      }),
      { numRuns: 10 },
    )
  })

  it('needs no more heat and no less cooling with brighter lights', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const [dim, bright] = [run(spec), run({ ...spec, lighting_power: spec.lighting_power + 5 })]
        expect(bright.heating).toBeLessThanOrEqual(dim.heating)
        expect(bright.cooling).toBeGreaterThanOrEqual(dim.cooling)
      }),
      { numRuns: 10 },
    )
  })

  it('stays between its setpoints and never heats and cools in one hour', () => {
    const { heating, cooling, airTemperature } = run({ economizer: true }).year
    expect(Math.min(...airTemperature)).toBeGreaterThan(20 - 1e-6)
    expect(Math.max(...airTemperature)).toBeLessThan(25 + 1e-6)
    expect(heating.every((value, i) => value === 0 || cooling[i] === 0)).toBe(true)
  })
})

describe('the economizer', () => {
  it('takes from the plant exactly what it gives, and changes nothing else', () => {
    const [without, having] = [run({}), run({ economizer: true })]
    expect(having.free).toBeGreaterThan(0)
    expect(having.cooling + having.free).toBeCloseTo(without.cooling, 3)
    expect(having.year.heating).toEqual(without.year.heating)
    expect(having.year.airTemperature).toEqual(without.year.airTemperature)
  })

  it('works only where it is cold enough outside, and never heats', () => {
    expect(freeCooling(-1000, 2.9, 500)).toBe(0)
    expect(freeCooling(1000, 10, 500)).toBe(0)
    expect(freeCooling(-1000, 10, 50)).toBe(500)
    expect(freeCooling(-1000, 10, 500)).toBe(1000)
  })

  it('gives the temperatures that as much more ventilation would', () => {
    const network = toNetwork(office(SPEC))
    const conditions = { outdoor: 10, ventilation: 800, internalGains: 60_000, solarGains: 40_000 }
    const { power, nodes } = need(network, conditions, 24, 20, 25)
    const economizer = freeCooling(power, nodes.air - 10, 2000)
    const ventilation = conditions.ventilation + economizer / (nodes.air - 10)
    const ventilated = solve(network, { ...conditions, ventilation }, 24, power + economizer)
    expect(economizer).toBeGreaterThan(0)
    expect(ventilated.air).toBeCloseTo(nodes.air, 9)
    expect(ventilated.massAfter).toBeCloseTo(nodes.massAfter, 9)
  })
})
