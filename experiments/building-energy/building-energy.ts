// The heating, cooling, lighting and fan energy of a small office over a real year, hour by hour.
// Shows: a class with a decorated method, a file in, scalars, a table and a file out.
// README.md says how it is computed and how well that agrees with published values.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExperimentContext, ExperimentRegistry, fileReference } from 'scythe-engine'
import { z } from 'zod'
import { readEpw } from './epw.js'
import { simulateOffice } from './study.js'

const BuildingInput = z.object({
  r_value: z
    .number()
    .min(0.1)
    .max(20)
    .describe('Thermal resistance of walls, roof and floor without their surfaces [m2 K/W]'),
  lighting_power: z.number().min(0).max(50).describe('Lighting while people work [W for each m2 of floor]'),
  heating_setpoint: z.number().min(10).max(22).describe('The air is never colder [°C]'),
  cooling_setpoint: z.number().min(23).max(32).describe('The air is never warmer [°C]'),
  window_share: z.number().min(0).max(0.9).describe('Share of every facade that is window [0 to 0.9]'),
  economizer: z.boolean().describe('Cool with outdoor air where it is cold enough'),
  weather: fileReference().describe('A typical year in EnergyPlus weather format (.epw)'),
})

const BuildingOutput = z.object({
  heating: z.number().describe('Heat need in the year [kWh for each m2 of floor]'),
  cooling: z.number().describe('Heat that plant takes out in the year [kWh/m2]'),
  free_cooling: z.number().describe('Heat that the economizer takes out in the year [kWh/m2]'),
  lighting: z.number().describe('Electricity for light in the year [kWh/m2]'),
  fans: z.number().describe('Electricity for fans in the year [kWh/m2]'),
  peak_heating: z.number().describe('Largest hourly heat need [W/m2]'),
  peak_cooling: z.number().describe('The most that plant takes out in an hour [W/m2]'),
  hourly: fileReference().describe('CSV of hourly loads [W/m2] and air temperature [°C]'),
})

const BuildingMonth = z.object({
  month: z.int().min(1).max(12),
  outdoor_temperature: z.number().describe('Mean [°C]'),
  heating: z.number().describe('[kWh/m2]'),
  cooling: z.number().describe('[kWh/m2]'),
  free_cooling: z.number().describe('[kWh/m2]'),
  lighting: z.number().describe('[kWh/m2]'),
  fans: z.number().describe('[kWh/m2]'),
})

export class BuildingEnergy {
  @ExperimentRegistry.register({
    input: BuildingInput,
    output: BuildingOutput,
    tables: { monthly: BuildingMonth },
    description: 'A year of a small office: heating, cooling, lighting and fans by EN ISO 13790:2008, 5R1C',
    executionTimeout: '5m',
    retries: 1,
  })
  static async simulateEnergy(spec: z.infer<typeof BuildingInput>, ctx: ExperimentContext) {
    const { monthly, hourlyCsv, ...totals } = simulateOffice(spec, readEpw(spec.weather))
    const hourly = join(ctx.tempdir, 'hourly.csv')
    await writeFile(hourly, hourlyCsv)
    return { ...totals, hourly, tables: { monthly } }
  }
}
