import { describe, expect, it } from 'vitest'
import { simulate } from '../../../experiments/building-energy/balance.js'
import { readEpw } from '../../../experiments/building-energy/epw.js'
import { conditioned, freeFloating, HEAVY, LIGHT, operation, shoeBox } from './ashrae140.js'
import { weatherFile } from './weather.js'

// Lowest and highest of the six programs in ANSI/ASHRAE Standard 140-2020, informative annex B8, tables B8-1 to B8-5, on
// the weather of 725650TY.CSV, which is Denver's TMY3 here. (The ranges of the editions up to 2017, such as 4.296 to
// 5.709 MWh of heating for case 600, belong to other weather, DRYCOLD.TMY, and another window.)
const weather = readEpw(weatherFile('Denver'))

const inRange = (value: number, lowest: number, highest: number) => {
  expect(value).toBeGreaterThanOrEqual(lowest)
  expect(value).toBeLessThanOrEqual(highest)
}

describe('ASHRAE 140, case 600 (light)', () => {
  const { heating, cooling, peakHeating, peakCooling, peakHours } = conditioned(LIGHT, weather)
  it('cools as much as other programs', () => inRange(cooling, 5.432, 6.162))
  it('has their peak of cooling', () => inRange(peakCooling, 5.422, 6.481))
  it('heats 8.5 % more than the highest of them', () => expect(heating / 4.504).toBeCloseTo(1.0855, 3))
  it('has a peak of heating 1.3 % above the highest of them', () => expect(peakHeating / 3.359).toBeCloseTo(1.013, 3))

  it('has its peaks in the hours in which theirs are', () =>
    expect(peakHours).toEqual({ heating: '12-31 24', cooling: '1-22 14' }))

  it('would heat as much as other programs with the lower film coefficients that they find at the window', () => {
    const building = shoeBox(LIGHT)
    const windows = building.windows.map((window) => ({ ...window, uValue: 2.1 }))
    const year = simulate({ ...building, windows }, weather, operation(20, 27))
    inRange(year.heating.reduce((a, b) => a + b) / 1e6, 3.993, 4.504)
  })
})

describe('ASHRAE 140, case 600FF (light, without plant)', () => {
  const { lowest, highest, mean } = freeFloating(LIGHT, weather)
  it('is as cold as in other programs', () => inRange(lowest, -13.8, -9.9))
  it('is as warm as in other programs', () => inRange(highest, 62.4, 68.4))
  it('has their mean temperature', () => inRange(mean, 24.3, 26.1))
})

describe('ASHRAE 140, case 900 (heavy)', () => {
  const { heating, cooling, peakHeating, peakCooling, peakHours } = conditioned(HEAVY, weather)
  it('has the peak of cooling of other programs', () => inRange(peakCooling, 2.556, 3.376))
  it('heats 2.3 % more than the highest of them', () => expect(heating / 1.814).toBeCloseTo(1.0233, 3))
  it('cools as much as the lowest of them, to a thousandth', () => expect(cooling / 2.267).toBeCloseTo(0.999, 3))
  it('has a peak of heating 1.6 % above the highest of them', () => expect(peakHeating / 2.778).toBeCloseTo(1.016, 3))
  it('has its peaks in the hours in which those of most are, give or take one', () =>
    expect(peakHours).toEqual({ heating: '2-9 6', cooling: '10-1 15' }))
})

describe('ASHRAE 140, case 900FF (heavy, without plant)', () => {
  const { lowest, highest, mean } = freeFloating(HEAVY, weather)
  it('is as cold as in other programs', () => inRange(lowest, 0.6, 2.2))
  it('has their mean temperature', () => inRange(mean, 24.5, 25.7))
  it('is at its warmest 0.8 K colder than the lowest of them', () => expect(43.3 - highest).toBeCloseTo(0.8, 1))
})

describe('a heavy building against a light one', () => {
  // The same programs' differences between cases 600 and 900: 2.324 to 2.777 MWh of heating, 3.049 to 3.674 of cooling.
  const [light, heavy] = [conditioned(LIGHT, weather), conditioned(HEAVY, weather)]
  it('saves 9.2 % more heating than the highest of them', () =>
    expect((light.heating - heavy.heating) / 2.777).toBeCloseTo(1.092, 3))
  it('saves 3.5 % more cooling than the highest of them', () =>
    expect((light.cooling - heavy.cooling) / 3.674).toBeCloseTo(1.035, 3))
})
