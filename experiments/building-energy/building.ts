import { HOURS, type Weather } from './epw.js'
import { type Network, network } from './network.js'
import { type Facade, sunshine } from './solar.js'

/** A wall, roof or floor to the outside. */
export interface Opaque {
  /** m2 */
  readonly area: number
  /** W/(m2 K), with the surface resistances of EN ISO 6946. */
  readonly uValue: number
  /** Which way it faces; none for what sees neither sun nor sky, such as a floor. */
  readonly facade?: Facade
}

export interface Window {
  /** m2, with its frame. */
  readonly area: number
  readonly uValue: number
  /** Share of the sun's heat that comes in at normal incidence, of the whole area: a frame lowers it. */
  readonly gValue: number
  readonly facade: Facade
}

export interface Building {
  /** m2 */
  readonly floorArea: number
  /** Air in it, m3. */
  readonly volume: number
  /** Inner surfaces that face the rooms, m2. Clause 7.2.2.2 takes 4.5 times the floor area where it is not known. */
  readonly surfaceArea: number
  /** C_m, J/K, and A_m, m2: clause 12.3.1, from the layers or from table 12. */
  readonly massCapacity: number
  readonly massArea: number
  /** Outdoor air through leaks, room volumes an hour. */
  readonly infiltration: number
  readonly opaque: readonly Opaque[]
  readonly windows: readonly Window[]
}

/** m2 K/W on the outside (EN ISO 6946), absorptance of a light coat, emissivity times 5 W/(m2 K) (clause 11.3.5). */
const OUTER_RESISTANCE = 0.04
const ABSORPTANCE = 0.6
const RADIATIVE = 5 * 0.9
const STEFAN_BOLTZMANN = 5.670374e-8
const KELVIN = 273.15

export function toNetwork(building: Building): Network {
  const { floorArea, surfaceArea, massArea, massCapacity } = building
  return network({
    floorArea,
    surfaceArea,
    massArea,
    massCapacity,
    windows: sum(building.windows, ({ area, uValue }) => area * uValue),
    opaque: sum(building.opaque, ({ area, uValue }) => area * uValue),
  })
}

/**
 * Sun through windows and on walls less what the outside radiates to a sky colder than the air, W, hour by hour: clause
 * 11.3.2 to 11.3.5. The sky's temperature is the weather's, where the standard has a constant difference of 11 K.
 */
export function solarGains(building: Building, weather: Weather): Float64Array {
  const sun = sunshine(weather)
  const gains = new Float64Array(HOURS)
  for (const { area, uValue, facade } of building.opaque) {
    if (facade === undefined) continue
    const seen = area * uValue * OUTER_RESISTANCE
    add(gains, sun[facade].incident, seen * ABSORPTANCE)
    add(gains, colderSky(weather), -seen * RADIATIVE * skyView(facade))
  }
  for (const { area, uValue, gValue, facade } of building.windows) {
    add(gains, sun[facade].throughGlass, area * gValue)
    add(gains, colderSky(weather), -area * uValue * OUTER_RESISTANCE * RADIATIVE * skyView(facade))
  }
  return gains
}

/** How much of the sky's hemisphere a surface sees: F_r of clause 11.3.5. */
function skyView(facade: Facade): number {
  return facade === 'up' ? 1 : 0.5
}

const skies = new WeakMap<Weather, Float64Array>()

/** By how much the sky is colder than the air, K. */
function colderSky(weather: Weather): Float64Array {
  const cached = skies.get(weather)
  if (cached) return cached
  const colder = weather.horizontalInfrared.map(
    (radiation, i) => weather.dryBulb[i]! - ((radiation / STEFAN_BOLTZMANN) ** 0.25 - KELVIN),
  )
  skies.set(weather, colder)
  return colder
}

function add(to: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += values[i]! * factor
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
