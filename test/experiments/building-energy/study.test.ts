import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readEpw } from '../../../experiments/building-energy/epw.js'
import { buildingSpecs } from '../../../experiments/building-energy/specs.js'
import { simulateOffice } from '../../../experiments/building-energy/study.js'
import { weatherFile } from './weather.js'

const SPEC = {
  r_value: 3,
  lighting_power: 10,
  heating_setpoint: 20,
  cooling_setpoint: 25,
  window_share: 0.4,
  economizer: true,
}
const denver = simulateOffice(SPEC, readEpw(weatherFile('Denver')))
const LOADS = ['heating', 'cooling', 'free_cooling', 'lighting', 'fans'] as const

describe('simulateOffice', () => {
  it('gives months that add up to the year', () => {
    expect(denver.monthly.map(({ month }) => month)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    for (const load of LOADS) {
      expect(denver.monthly.reduce((total, month) => total + month[load], 0)).toBeCloseTo(denver[load], 9)
    }
  })

  it('gives hours that add up to the year and hold its peaks, as far as their one decimal goes', () => {
    const [header, ...lines] = denver.hourlyCsv.trimEnd().split('\n')
    const rows = lines.map((line) => line.split(',').map(Number))
    expect(header).toBe('hour,air_temperature,heating,cooling,free_cooling,lighting,fans')
    expect(rows).toHaveLength(8760)
    LOADS.forEach((load, i) => {
      const total = rows.reduce((sum, row) => sum + row[2 + i]!, 0) / 1000
      expect(Math.abs(total - denver[load])).toBeLessThan(0.05)
    })
    expect(Math.max(...rows.map((row) => row[2]!))).toBeCloseTo(denver.peak_heating, 0)
  })

  it('lights for as many hours as people work', () => {
    // Eleven hours on each of 260 weekdays, for the year begins on a Sunday. A tenth of the lights stay on in the other hours.
    expect(denver.lighting).toBeCloseTo((10 * (2860 + 0.1 * (8760 - 2860))) / 1000, 9)
  })

  it('is the same each time', () => {
    expect(simulateOffice(SPEC, readEpw(weatherFile('Denver')))).toEqual(denver)
  })

  it('heats most in Chicago and cools most in Tucson', () => {
    const chicago = simulateOffice(SPEC, readEpw(weatherFile('Chicago')))
    const tucson = simulateOffice(SPEC, readEpw(weatherFile('Tucson')))
    expect(chicago.heating).toBeGreaterThan(denver.heating)
    expect(denver.heating).toBeGreaterThan(tucson.heating)
    expect(tucson.cooling).toBeGreaterThan(denver.cooling)
  })
})

describe('buildingSpecs', () => {
  it('are 324 different offices in three cities, whose weather is there', () => {
    const specs = buildingSpecs()
    expect(new Set(specs.map((spec) => JSON.stringify(spec))).size).toBe(324)
    const files = [...new Set(specs.map(({ weather }) => weather))]
    expect(files).toHaveLength(3)
    expect(files.every(existsSync)).toBe(true)
    expect(buildingSpecs()).toEqual(specs)
  })
})
