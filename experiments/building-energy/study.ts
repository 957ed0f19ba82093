import { simulate } from './balance.js'
import { HOURS, type Weather } from './epw.js'
import { FAN_POWER, type OfficeSpec, office, operate } from './office.js'

/** What the office takes, for each m2 of floor. */
interface Loads<Values> {
  readonly heating: Values
  readonly cooling: Values
  readonly free_cooling: Values
  readonly lighting: Values
  readonly fans: Values
}

/** A year's energy in kWh/m2 and peaks in W/m2. */
export interface OfficeResult extends Loads<number> {
  readonly peak_heating: number
  readonly peak_cooling: number
  readonly monthly: readonly MonthRow[]
  /** CSV: hour of the year, air temperature, and the loads, W for each m2. */
  readonly hourlyCsv: string
}

export interface MonthRow extends Loads<number> {
  readonly month: number
  readonly outdoor_temperature: number
}

export function simulateOffice(spec: OfficeSpec, weather: Weather): OfficeResult {
  const building = office(spec)
  const operation = operate(spec, weather)
  const year = simulate(building, weather, operation)
  const perArea = (values: Float64Array, factor = 1) => values.map((value) => (value * factor) / building.floorArea)
  const loads = {
    heating: perArea(year.heating),
    cooling: perArea(year.cooling),
    free_cooling: perArea(year.freeCooling),
    lighting: perArea(operation.lighting),
    fans: perArea(year.supplyAir, FAN_POWER),
  }
  return {
    ...totals(loads, 0, HOURS),
    peak_heating: largest(loads.heating),
    peak_cooling: largest(loads.cooling),
    monthly: Array.from({ length: 12 }, (_, i) => monthRow(i + 1, weather, loads)),
    hourlyCsv: toCsv({ air_temperature: year.airTemperature, ...loads }),
  }
}

function monthRow(month: number, weather: Weather, loads: Loads<Float64Array>): MonthRow {
  const first = weather.month.indexOf(month)
  const end = weather.month.lastIndexOf(month) + 1
  const outdoor_temperature = sum(weather.dryBulb.subarray(first, end)) / (end - first)
  return { month, outdoor_temperature, ...totals(loads, first, end) }
}

/** kWh from hourly W. */
function totals(loads: Loads<Float64Array>, first: number, end: number): Loads<number> {
  const total = (values: Float64Array) => sum(values.subarray(first, end)) / 1000
  return {
    heating: total(loads.heating),
    cooling: total(loads.cooling),
    free_cooling: total(loads.free_cooling),
    lighting: total(loads.lighting),
    fans: total(loads.fans),
  }
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value))
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
