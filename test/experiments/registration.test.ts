import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExperimentContext, ExperimentRegistry } from 'scythe-engine'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildingSpecs } from '../../experiments/building-energy/specs.js'
import '../../experiments/index.js'

let tempdir: string
beforeEach(() => {
  tempdir = mkdtempSync(join(tmpdir(), 'experiments-'))
})
afterEach(() => rmSync(tempdir, { recursive: true }))

const context = () => ({ tempdir, signal: new AbortController().signal }) as unknown as ExperimentContext

it('registers every experiment by importing the folder', () => {
  expect(ExperimentRegistry.list().map(({ name }) => name)).toEqual([
    'scythe_experiment_simulate_energy',
    'scythe_experiment_damped_oscillator',
    'scythe_experiment_retrofit_value',
  ])
})

const RETROFIT = {
  investment: 1000,
  yearly_saving: 1000,
  price: 0.2,
  price_growth: 0,
  price_volatility: 0.1,
  discount_rate: 0.05,
  years: 10,
  paths: 100,
  seed: 1,
}
const OSCILLATOR = { mass: 1, damping: 0.1, stiffness: 1, displacement: 1, duration: 10, steps: 100 }

it.each([
  ['simulate_energy', buildingSpecs()[0]!, 'hourly'],
  ['damped_oscillator', OSCILLATOR, 'trajectory'],
  ['retrofit_value', RETROFIT, undefined],
])('%s takes its input, and gives what its output declares', async (name, spec, file) => {
  const experiment = ExperimentRegistry.get(name)
  const result = (await experiment.fn(experiment.input.parse(spec), context())) as Record<string, unknown>
  const { tables = {}, ...fields } = result
  expect(Object.keys(experiment.output.parse(fields))).toEqual(Object.keys(fields))
  for (const [table, rows] of Object.entries(tables as Record<string, unknown[]>)) {
    for (const row of rows) expect(experiment.tables[table]!.parse(row)).toEqual(row)
  }
  if (file) expect(readFileSync(String(fields[file]), 'utf8').split('\n').length).toBeGreaterThan(100)
})

it('refuses a building that is not one, naming the field', () => {
  const { input } = ExperimentRegistry.get('simulate_energy')
  expect(input.safeParse({ ...buildingSpecs()[0], window_share: 1.2 }).error?.issues[0]?.path).toEqual(['window_share'])
})
