import { simulate } from './balance.js'
import { HOURS, type Weather } from './epw.js'
import { FAN_POWER, type OfficeSpec, office, operate } from './office.js'

/** One year of the office. Energy in kWh and power in W, both for each m2 of floor. */
export interface OfficeResult {
  readonly heating: number
  readonly cooling: number
  readonly free_cooling: number
  readonly lighting: number
  readonly fans: number
  readonly peak_heating: number
  readonly peak_cooling: number
  readonly monthly: readonly MonthRow[]
  /** CSV: hour of the year, air temperature, and the loads, W for each m2. */
  readonly hourlyCsv: string
}

export interface MonthRow {
  readonly month: number
  readonly outdoor_temperature: number
  readonly heating: number
  readonly cooling: number
  readonly free_cooling: number
  readonly lighting: number
  readonly fans: number
}

export function simulateOffice(spec: OfficeSpec, weather: Weather): OfficeResult {
  const building = office(spec)
  const operation = operate(spec, weather)
  const year = simulate(building, weather, operation)
  const perArea = (values: Float64Array, factor = 1) => values.map((value) => (value * factor) / building.floorArea)
  const heating = perArea(year.heating)
  const cooling = perArea(year.cooling)
  const free_cooling = perArea(year.freeCooling)
  const lighting = perArea(operation.lighting)
  const fans = perArea(year.supplyAir, FAN_POWER)
  const loads = { heating, cooling, free_cooling, lighting, fans }
  const monthly = Array.from({ length: 12 }, (_, m) => monthRow(m + 1, weather, loads))
  return {
    heating: kiloWattHours(heating),
    cooling: kiloWattHours(cooling),
    free_cooling: kiloWattHours(free_cooling),
    lighting: kiloWattHours(lighting),
    fans: kiloWattHours(fans),
    peak_heating: heating.reduce((a, b) => Math.max(a, b)),
    peak_cooling: cooling.reduce((a, b) => Math.max(a, b)),
    monthly,
    hourlyCsv: toCsv({ air_temperature: year.airTemperature, ...loads }),
  }
}

function monthRow(
  month: number,
  weather: Weather,
  loads: Record<'heating' | 'cooling' | 'free_cooling' | 'lighting' | 'fans', Float64Array>,
): MonthRow {
  const first = weather.month.indexOf(month)
  const end = weather.month.lastIndexOf(month) + 1
  const total = (values: Float64Array) => kiloWattHours(values.subarray(first, end))
  return {
    month,
    outdoor_temperature: sum(weather.dryBulb.subarray(first, end)) / (end - first),
    heating: total(loads.heating),
    cooling: total(loads.cooling),
    free_cooling: total(loads.free_cooling),
    lighting: total(loads.lighting),
    fans: total(loads.fans),
  }
}

/** Hourly W to kWh. */
function kiloWattHours(values: Float64Array): number {
  return sum(values) / 1000
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}

function toCsv(columns: Record<string, Float64Array>): string {
  const values = Object.values(columns)
  const lines = [['hour', ...Object.keys(columns)].join(',')]
  for (let i = 0; i < HOURS; i++) {
    lines.push(`${i + 1},${values.map((column) => Math.round(column[i]! * 10) / 10).join(',')}`)
  }
  return `${lines.join('\n')}\n`
}
