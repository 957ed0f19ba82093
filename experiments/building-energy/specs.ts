import { join } from 'node:path'
import type { OfficeSpec } from './office.js'

export interface BuildingSpec extends OfficeSpec {
  /** Path of an .epw file. */
  readonly weather: string
}

const CITIES = [
  'USA_AZ_Tucson.Intl.AP.722740_TMY3.epw',
  'USA_CO_Denver.Intl.AP.725650_TMY3.epw',
  'USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw',
]
const R_VALUES = [1.5, 3, 6]
const LIGHTING_POWERS = [5, 10, 15]
const WINDOW_SHARES = [0.2, 0.4, 0.6]
const SETPOINTS = [
  { heating_setpoint: 20, cooling_setpoint: 26 },
  { heating_setpoint: 21, cooling_setpoint: 24 },
]

/** The demo's study: 324 offices, every combination of the values above with and without an economizer, in three cities. */
export function buildingSpecs(): BuildingSpec[] {
  const specs: BuildingSpec[] = []
  for (const city of CITIES) {
    const weather = join(import.meta.dirname, 'weather', city)
    for (const r_value of R_VALUES) {
      for (const lighting_power of LIGHTING_POWERS) {
        for (const window_share of WINDOW_SHARES) {
          for (const setpoints of SETPOINTS) {
            for (const economizer of [false, true]) {
              specs.push({ r_value, lighting_power, ...setpoints, window_share, economizer, weather })
            }
          }
        }
      }
    }
  }
  return specs
}
