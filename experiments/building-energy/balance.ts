import { type Building, solarGains, toNetwork } from './building.js'
import { HOURS, type Weather } from './epw.js'
import { need } from './network.js'

/** How a building is run, hour by hour. */
export interface Operation {
  /** °C: the air is never colder, never warmer. Infinite for a building without plant. */
  readonly heatTo: number
  readonly coolTo: number
  /** People, lights and machines, W. */
  readonly internalGains: Float64Array
  /** Outdoor air that fans bring in for people, m3/s. */
  readonly outdoorAir: Float64Array
  /** Outdoor air that an economizer can bring in for cooling, besides what people need, m3/s; 0 without one. */
  readonly economizerAir: number
}

/** A year, hour by hour. */
export interface Year {
  /** Heat that plant brings in, W. */
  readonly heating: Float64Array
  /** Heat that plant takes out, W. */
  readonly cooling: Float64Array
  /** Heat that the economizer's outdoor air takes out, W. */
  readonly freeCooling: Float64Array
  /** Air that the fans move, m3/s. */
  readonly supplyAir: Float64Array
  /** °C */
  readonly airTemperature: Float64Array
}

/** How much colder than the room outdoor air must be for the economizer to be worth its fan, K. */
const ECONOMIZER_MARGIN = 3
/** How much warmer or colder than the room air is supplied that heats or cools it, K. */
const SUPPLY_DIFFERENCE = 10
/** Two weeks of December run before January, so that no result hangs on the mass's first temperature. */
const WARM_UP = 14 * 24

export function simulate(building: Building, weather: Weather, operation: Operation): Year {
  const network = toNetwork(building)
  const sun = solarGains(building, weather)
  const heatOfAir = volumetricHeat(weather)
  const leaks = (building.infiltration * building.volume) / 3600
  const hours = () => new Float64Array(HOURS)
  const year = {
    heating: hours(),
    cooling: hours(),
    freeCooling: hours(),
    supplyAir: hours(),
    airTemperature: hours(),
  } satisfies Year
  let mass = 20
  for (let step = -WARM_UP; step < HOURS; step++) {
    const i = (step + HOURS) % HOURS
    const outdoor = weather.dryBulb[i]!
    const outdoorAir = operation.outdoorAir[i]!
    const { power, nodes } = need(
      network,
      {
        outdoor,
        ventilation: heatOfAir * (leaks + outdoorAir),
        internalGains: operation.internalGains[i]!,
        solarGains: sun[i]!,
      },
      mass,
      operation.heatTo,
      operation.coolTo,
    )
    mass = nodes.massAfter
    const economizer = freeCooling(power, nodes.air - outdoor, operation.economizerAir * heatOfAir)
    const plant = power + economizer
    year.heating[i] = Math.max(0, plant)
    year.cooling[i] = Math.max(0, -plant)
    year.freeCooling[i] = economizer
    year.airTemperature[i] = nodes.air
    const fromOutside = outdoorAir + (economizer > 0 ? economizer / (heatOfAir * (nodes.air - outdoor)) : 0)
    year.supplyAir[i] = Math.max(fromOutside, Math.abs(plant) / (heatOfAir * SUPPLY_DIFFERENCE))
  }
  return year
}

/**
 * The part of a cooling need that colder outdoor air meets, W. The air node has no capacity and stands at the setpoint, so
 * to the other nodes it is one whether a coil or outdoor air takes the heat out: nothing has to be solved again.
 */
export function freeCooling(power: number, colder: number, capacity: number): number {
  if (power >= 0 || colder < ECONOMIZER_MARGIN) return 0
  return Math.min(-power, capacity * colder)
}

/** J/(m3 K) of air at 20 °C and the year's mean pressure: at altitude air is thin, and 1200 of clause 9.3.1 too much. */
function volumetricHeat(weather: Weather): number {
  const meanPressure = weather.pressure.reduce((total, value) => total + value, 0) / HOURS
  return (1006 * meanPressure) / (287.05 * 293.15)
}
