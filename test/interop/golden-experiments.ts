import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ExperimentFunction } from '../../src/experiment/experiment.js'
import { type AllocateOptions, BaseExperiment, ExperimentRegistry, fileReference, type Store } from '../../src/index.js'
import { readRows } from '../../src/table/rows.js'
import { bytesSource } from '../../src/table/source.js'
import { collect } from '../support/collect.js'
import { GOLDEN, type GoldenName, goldenStore } from './golden.js'

// The experiments that the golden runs are of, as their Python says them.

const PointInput = z
  .object({
    x: z.number().min(0).describe('First coordinate [m]'),
    n: z.int().describe('Repeats'),
    mode: z.enum(['sum', 'product']).default('sum').describe('How to combine'),
    flag: z.boolean().default(false),
    note: z.string().nullable().default(null),
  })
  .meta({ id: 'PointInput', description: 'A point and how to combine it.' })

const PointOutput = z
  .object({ value: z.number().describe('Combined [m]'), label: z.string().describe('Name') })
  .meta({ id: 'PointOutput', description: 'The combination.' })

export const combinePoint = ExperimentRegistry.register({ input: PointInput, output: PointOutput })(
  function combinePoint({ x, n, mode }, ctx) {
    if (x === 13) throw new Error('13 is refused')
    return { value: mode === 'sum' ? x + n : x * n, label: `${mode}:${ctx.sortIndex}` }
  },
)

const ProfileInput = z
  .object({
    base: z.number().min(0).describe('Base level'),
    steps: z.int().default(3).describe('Number of steps'),
    weights: z.array(z.number()).default([]).describe('Weights'),
    table: fileReference().describe('A text table'),
  })
  .meta({ id: 'ProfileInput', description: 'A profile over steps.' })

const ProfileOutput = z
  .object({
    total: z.number().describe('Sum of the profile'),
    report: fileReference().describe('A text report'),
  })
  .meta({ id: 'ProfileOutput', description: 'A profile.' })

export const makeProfile = ExperimentRegistry.register({
  input: ProfileInput,
  output: ProfileOutput,
  tables: { profile: z.object({ level: z.number(), name: z.string() }) },
})(function makeProfile({ base, steps, weights, table }, ctx) {
  const levels = Array.from({ length: steps }, (_, i) => base + i * (weights[i % weights.length] ?? 1))
  const report = join(ctx.tempdir, 'report.txt')
  writeFileSync(report, `${readFileSync(table, 'utf8').trim()} [${levels.join(', ')}]\n`)
  const profile = levels.map((level, i) => ({ level, name: `s${i}` }))
  return { total: levels.reduce((sum, level) => sum + level, 0), report, tables: { profile } }
})

/** No golden run is of this one: Python Scythe's own runs die of a null where an integer is meant. */
export const addCounts = ExperimentRegistry.register({
  input: z.object({ first: z.int().nullable(), second: z.int().optional() }),
  output: z.object({ sum: z.int().nullable() }),
})(function addCounts({ first, second }) {
  return { sum: first === null || second === undefined ? null : first + second }
})

const EXPERIMENTS = {
  points: combinePoint,
  errors: combinePoint,
  recurse: combinePoint,
  profile: makeProfile,
  single: makeProfile,
} as const

/** The specs of a golden run, files as paths in the fixtures. */
async function goldenSpecs(name: GoldenName): Promise<Record<string, unknown>[]> {
  const store = goldenStore()
  const own = Object.keys(EXPERIMENTS[name] === combinePoint ? PointInput.shape : ProfileInput.shape)
  const rows = await collect(readRows(bytesSource(await store.get(`${GOLDEN[name]}/specs.pq`))))
  return rows.map((row) =>
    Object.fromEntries(
      own.map((field) => {
        const value = row[field]
        const isFile = typeof value === 'string' && value.startsWith('s3://')
        return [field, isFile ? store.uriOf(value.slice(value.indexOf(GOLDEN[name]))) : value]
      }),
    ),
  )
}

/** A run of ours of a golden run's specs, under its name. */
export async function allocateGolden(name: GoldenName, store: Store, options: AllocateOptions) {
  const specs = await goldenSpecs(name)
  const experiment = new BaseExperiment({ runnable: EXPERIMENTS[name] as ExperimentFunction, runName: name, store })
  return await experiment.allocate(name === 'single' ? specs[0] : specs, options)
}
