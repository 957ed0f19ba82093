import type { Operation } from './balance.js'
import type { Building } from './building.js'
import { HOURS, type Weather } from './epw.js'

/** What the study varies. The names are columns of the results. */
export interface OfficeSpec {
  readonly r_value: number
  readonly lighting_power: number
  readonly heating_setpoint: number
  readonly cooling_setpoint: number
  readonly window_share: number
  readonly economizer: boolean
}

/** A small office: three floors of 30 m (along south and north) by 20 m, 3.5 m high, of which 3 m are room. */
const LENGTH = 30
const WIDTH = 20
const FLOORS = 3
const FLOOR_AREA = FLOORS * LENGTH * WIDTH
const HEIGHT = FLOORS * 3.5
const ROOM_HEIGHT = 3

/** Surface resistances of EN ISO 6946, inside and outside together, m2 K/W. */
const WALL_FILMS = 0.17
const ROOF_FILMS = 0.14
const FLOOR_FILMS = 0.21
/** The ground is on average half as cold, seen from a room, as the air (factor b of EN ISO 13789). */
const GROUND_FACTOR = 0.5
/** Clear double panes in frames that take a fifth of the opening. */
const WINDOW_U = 2.7
const WINDOW_G = 0.769 * 0.8
/** Table 12 of EN ISO 13790:2008, class "medium", for each m2 of floor. */
const MASS_CAPACITY = 165_000
const MASS_AREA = 2.5
const SURFACE_AREA = 4.5

export function office({ r_value, window_share }: OfficeSpec): Building {
  const facades = [
    ['north', LENGTH * HEIGHT],
    ['south', LENGTH * HEIGHT],
    ['east', WIDTH * HEIGHT],
    ['west', WIDTH * HEIGHT],
  ] as const
  const footprint = LENGTH * WIDTH
  return {
    floorArea: FLOOR_AREA,
    volume: FLOOR_AREA * ROOM_HEIGHT,
    surfaceArea: FLOOR_AREA * SURFACE_AREA,
    massCapacity: FLOOR_AREA * MASS_CAPACITY,
    massArea: FLOOR_AREA * MASS_AREA,
    infiltration: 0.2,
    opaque: [
      ...facades.map(([facade, area]) => ({
        facade,
        area: area * (1 - window_share),
        uValue: 1 / (r_value + WALL_FILMS),
      })),
      { facade: 'up', area: footprint, uValue: 1 / (r_value + ROOF_FILMS) },
      { area: footprint, uValue: GROUND_FACTOR / (r_value + FLOOR_FILMS) },
    ],
    windows: facades.map(([facade, area]) => ({
      facade,
      area: area * window_share,
      uValue: WINDOW_U,
      gValue: WINDOW_G,
    })),
  }
}

/** Each m2 of floor: W of people and machines at work and at rest, share of the lights left on, m3/s of outdoor air. */
const AT_WORK = 13
const AT_REST = 2
const LIGHTS_AT_REST = 0.1
const OUTDOOR_AIR = 0.001
const ECONOMIZER_AIR = 0.004
/** W for each m3/s of air moved: specific fan power, class SFP 4 of EN 16798-3. */
export const FAN_POWER = 1500

export interface OfficeYear extends Operation {
  /** W, hour by hour. */
  readonly lighting: Float64Array
}

export function operate(spec: OfficeSpec, weather: Weather): OfficeYear {
  const lighting = new Float64Array(HOURS)
  const internalGains = new Float64Array(HOURS)
  const outdoorAir = new Float64Array(HOURS)
  for (let i = 0; i < HOURS; i++) {
    const atWork = isWorkingHour(weather, i)
    lighting[i] = FLOOR_AREA * spec.lighting_power * (atWork ? 1 : LIGHTS_AT_REST)
    internalGains[i] = lighting[i]! + FLOOR_AREA * (atWork ? AT_WORK : AT_REST)
    outdoorAir[i] = atWork ? FLOOR_AREA * OUTDOOR_AIR : 0
  }
  return {
    heatTo: spec.heating_setpoint,
    coolTo: spec.cooling_setpoint,
    lighting,
    internalGains,
    outdoorAir,
    economizerAir: spec.economizer ? FLOOR_AREA * ECONOMIZER_AIR : 0,
  }
}

/** Monday to Friday from 7:00 to 18:00. */
function isWorkingHour(weather: Weather, i: number): boolean {
  const weekday = (weather.firstWeekday + Math.floor(i / 24)) % 7
  const hour = weather.hour[i]!
  return weekday < 5 && hour > 7 && hour <= 18
}
