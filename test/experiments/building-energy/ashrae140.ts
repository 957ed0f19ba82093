import { simulate } from '../../../experiments/building-energy/balance.js'
import type { Building } from '../../../experiments/building-energy/building.js'
import { HOURS, type Weather } from '../../../experiments/building-energy/epw.js'

/** A layer of ANSI/ASHRAE Standard 140-2020, tables of cases 600 and 900, from the inside out. */
interface Layer {
  /** m2 K/W */
  readonly resistance: number
  /** J/(m2 K) */
  readonly capacity: number
}

const layer = (thickness: number, conductivity: number, density: number, specificHeat: number): Layer => ({
  resistance: thickness / conductivity,
  capacity: thickness * density * specificHeat,
})

const ROOF = [layer(0.01, 0.16, 950, 840), layer(0.1118, 0.04, 12, 840), layer(0.019, 0.14, 530, 900)]
const SIDING = layer(0.009, 0.14, 530, 900)

export const LIGHT = {
  wall: [layer(0.012, 0.16, 950, 840), layer(0.066, 0.04, 12, 840), SIDING],
  floor: [layer(0.025, 0.14, 650, 1200), layer(1.003, 0.04, 0, 0)],
}
export const HEAVY = {
  wall: [layer(0.1, 0.51, 1400, 1000), layer(0.0615, 0.04, 10, 1400), SIDING],
  floor: [layer(0.08, 1.13, 1400, 1000), layer(1.007, 0.04, 0, 0)],
}

/** Two panes of 3.048 mm (1 W/(m K)) and the gap of 5.208 W/(m2 K), with the surface resistances of EN ISO 10077-1. */
const WINDOW_U = 1 / (0.13 + 2 * 0.003048 + 1 / 5.208 + 0.04)

/**
 * The shoe box of 8 m by 6 m by 2.7 m with 12 m2 of window to the south, as EN ISO 13790 takes it: U-values with the
 * surface resistances of EN ISO 6946, and the capacity of the layers on the room's side of the insulation (EN ISO 13786).
 */
export function shoeBox({ wall, floor }: typeof LIGHT): Building {
  const parts = [
    {
      layers: wall,
      films: 0.17,
      surfaces: [
        ['north', 21.6],
        ['east', 16.2],
        ['south', 9.6],
        ['west', 16.2],
      ] as const,
    },
    { layers: ROOF, films: 0.14, surfaces: [['up', 48]] as const },
    { layers: floor, films: 0.21, surfaces: [[undefined, 48]] as const },
  ]
  const opaque = parts.flatMap(({ layers, films, surfaces }) => {
    const uValue = 1 / (layers.reduce((total, { resistance }) => total + resistance, 0) + films)
    const { capacity } = layers[0]!
    return surfaces.map(([facade, area]) => ({ area, uValue, capacity, ...(facade && { facade }) }))
  })
  const massCapacity = opaque.reduce((total, { area, capacity }) => total + area * capacity, 0)
  return {
    floorArea: 48,
    volume: 129.6,
    surfaceArea: 2 * 48 + 2 * (8 + 6) * 2.7,
    massCapacity,
    massArea: massCapacity ** 2 / opaque.reduce((total, { area, capacity }) => total + area * capacity ** 2, 0),
    infiltration: 0.5,
    opaque,
    windows: [{ area: 12, uValue: WINDOW_U, gValue: 0.769, facade: 'south' }],
  }
}

/** MWh and kW of a year with the thermostat at 20 and 27 °C, and 200 W of internal gains. */
export function conditioned(layers: typeof LIGHT, weather: Weather) {
  const { heating, cooling } = simulate(shoeBox(layers), weather, operation(20, 27))
  const peakHour = (values: Float64Array) => {
    const i = values.indexOf(Math.max(...values))
    return `${weather.month[i]}-${weather.day[i]} ${weather.hour[i]}`
  }
  return {
    heating: sum(heating) / 1e6,
    cooling: sum(cooling) / 1e6,
    peakHeating: Math.max(...heating) / 1e3,
    peakCooling: Math.max(...cooling) / 1e3,
    peakHours: { heating: peakHour(heating), cooling: peakHour(cooling) },
  }
}

/** °C of a year without plant. */
export function freeFloating(layers: typeof LIGHT, weather: Weather) {
  const { airTemperature } = simulate(
    shoeBox(layers),
    weather,
    operation(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
  )
  return {
    lowest: Math.min(...airTemperature),
    highest: Math.max(...airTemperature),
    mean: sum(airTemperature) / HOURS,
  }
}

export function operation(heatTo: number, coolTo: number) {
  return {
    heatTo,
    coolTo,
    internalGains: new Float64Array(HOURS).fill(200),
    outdoorAir: new Float64Array(HOURS),
    economizerAir: 0,
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
