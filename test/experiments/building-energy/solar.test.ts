import { describe, expect, it } from 'vitest'
import { readEpw } from '../../../experiments/building-energy/epw.js'
import { beamTransmittance } from '../../../experiments/building-energy/glazing.js'
import { type Facade, type SunVector, sunAt, sunshine } from '../../../experiments/building-energy/solar.js'
import { weatherFile } from './weather.js'

const DEGREES = 180 / Math.PI
const zenith = (sun: SunVector) => Math.acos(sun.up) * DEGREES
const azimuth = (sun: SunVector) => (Math.atan2(sun.east, sun.north) * DEGREES + 360) % 360

describe('sunAt', () => {
  it('agrees with the worked example of the solar position algorithm of NREL to half a degree', () => {
    // I. Reda, A. Andreas, NREL/TP-560-34302, table A5.1: zenith 50.11162, azimuth 194.34024 on 17 October 2003.
    const golden = { city: '', latitude: 39.742476, longitude: -105.1786, timeZone: -7, elevation: 1830 }
    const sun = sunAt(golden, 290, 12 + 30 / 60 + 30 / 3600)
    expect(Math.abs(zenith(sun) - 50.11162)).toBeLessThan(0.5)
    expect(Math.abs(azimuth(sun) - 194.34024)).toBeLessThan(0.5)
  })

  it.each([
    // J. Duffie, W. Beckman, Solar Engineering of Thermal Processes, example 1.6.1, in solar time at Madison.
    ['13 February, 9:30', 44, 9.5, 66.5, -40],
    ['1 July, 18:30', 182, 18.5, 79.6, 112],
  ])('agrees with the textbook on %s', (_, day, solarTime, textbookZenith, fromSouth) => {
    const madison = { city: '', latitude: 43, longitude: 0, timeZone: 0, elevation: 0 }
    const sun = sunAt(madison, day, solarTime - equationOfTime(day))
    expect(Math.abs(zenith(sun) - textbookZenith)).toBeLessThan(0.5)
    expect(Math.abs(azimuth(sun) - 180 - fromSouth)).toBeLessThan(0.5)
  })

  it('stands as high at noon of the solstices as latitude and obliquity say', () => {
    const denver = readEpw(weatherFile('Denver')).location
    const highest = (day: number) =>
      Math.max(...Array.from({ length: 1440 }, (_, minute) => 90 - zenith(sunAt(denver, day, minute / 60))))
    expect(highest(172)).toBeCloseTo(90 - 39.83 + 23.45, 1)
    expect(highest(355)).toBeCloseTo(90 - 39.83 - 23.45, 1)
  })
})

describe('sunshine', () => {
  const weather = readEpw(weatherFile('Denver'))
  const sun = sunshine(weather)
  const yearly = (values: Float64Array) => values.reduce((a, b) => a + b) / 1000

  // ANSI/ASHRAE Standard 140-2020, table B8-13: lowest and highest of six programs on this year's weather, kWh/m2.
  it.each<[Facade, number, number]>([
    ['up', 1663, 1670],
    ['north', 399, 477],
    ['east', 1017, 1068],
    ['south', 1291, 1387],
    ['west', 903, 997],
  ])('brings to a surface that faces %s what other programs find', (facade, lowest, highest) => {
    expect(yearly(sun[facade].incident)).toBeGreaterThanOrEqual(lowest)
    expect(yearly(sun[facade].incident)).toBeLessThanOrEqual(highest)
  })

  it('puts on the horizontal in every month what the weather has there, to a hundredth', () => {
    for (let month = 1; month <= 12; month++) {
      const of = (values: Float64Array) => yearly(values.filter((_, i) => weather.month[i] === month))
      const share = of(sun.up.incident) / of(weather.globalHorizontal)
      expect(share).toBeGreaterThan(0.99)
      expect(share).toBeLessThan(1.01)
    }
  })

  it('is never negative, is dark at night, and glass passes a part of it', () => {
    for (const { incident, throughGlass } of Object.values(sun)) {
      expect(Math.min(...incident)).toBe(0)
      expect(incident.every((value, i) => throughGlass[i]! <= value)).toBe(true)
      expect(incident[0]).toBe(0)
    }
  })

  it('is worked out once for a weather', () => {
    expect(sunshine(weather)).toBe(sun)
  })
})

describe('beamTransmittance', () => {
  const at = (degrees: number) => beamTransmittance(Math.cos(degrees / DEGREES))
  it('is 1 at normal incidence, 0 along the pane, and the published value between', () => {
    expect(at(0)).toBe(1)
    expect(at(90)).toBeCloseTo(0, 10)
    expect(at(60)).toBeCloseTo(0.651 / 0.769, 6)
    expect(at(65)).toBeCloseTo((0.651 + 0.509) / 2 / 0.769, 6)
  })
})

/** Hours by which the sun is ahead of the clock on the zone's meridian: where it culminates. */
function equationOfTime(day: number): number {
  const greenwich = { city: '', latitude: 43, longitude: 0, timeZone: 0, elevation: 0 }
  let noon = 0
  for (let second = 11.5 * 3600; second < 12.5 * 3600; second++) {
    const time = second / 3600
    if (sunAt(greenwich, day, time).up > sunAt(greenwich, day, noon).up) noon = time
  }
  return 12 - noon
}
