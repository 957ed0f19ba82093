import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import type { Engine, WorkerHandle } from '../../src/engine/engine.js'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import type { Executor } from '../../src/execute/executor.js'
import { createPool } from '../../src/execute/pool/pool.js'
import { remoteExperiment } from '../../src/experiment/remote.js'
import {
  BaseExperiment,
  ExperimentRegistry,
  fileReference,
  openStore,
  type SpecOf,
  type Store,
} from '../../src/index.js'
import { taskDefinitions } from '../../src/scatter/task-definitions.js'
import { startPythonWorker } from '../../tools/python/worker.js'
import { type S3Server, startS3Server } from '../../tools/s3/server.js'
import type { WorkerProcess } from '../../tools/worker.js'
import { scythe } from '../cli/scythe.js'
import { collect } from '../support/collect.js'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { drivenSleep } from './fixtures/driven-sleep.js'
import { hasPythonScythe } from './python-scythe.js'

const PYTHON = fileURLToPath(new URL('fixtures/python/driven.py', import.meta.url))

const input = z.object({
  area: z.number().min(0),
  // Python's default counts where it is left out.
  panes: z.int().optional(),
  glazing: z.enum(['single', 'double']).default('double'),
  orientation: z.enum(['north', 'south']).default('south'),
  built: z.iso.date(),
  measured: z.date().nullable().default(null),
  floors: z.int().nullable().default(null),
  layers: z.array(z.object({ thickness: z.number(), material: z.string().optional() })).default([]),
  weather: fileReference().optional(),
  fate: z.enum(['fine', 'raise', 'exit', 'nan']).default('fine'),
})
const output = z.object({
  loss: z.number(),
  label: z.string(),
  checked: z.date(),
  storeys: z.int().optional(),
  report: fileReference(),
})
const tables = { hours: z.object({ hour: z.int(), watts: z.number() }) }
const facade = remoteExperiment({ name: 'scythe_experiment_driven_facade', input, output, tables })

describe.skipIf(!((await hasEngine('driving Python Scythe')) && (await hasPythonScythe('driving Python Scythe'))))(
  'an experiment that only Python has',
  () => {
    let hatchet: Hatchet
    let s3: S3Server
    let engine: Engine
    let fans: WorkerHandle
    let pool: Executor
    let store: Store
    let folder: string
    let worker: Promise<WorkerProcess> | undefined
    /** A run that is done. */
    let driven: string

    beforeAll(async () => {
      ;[hatchet, s3, folder] = await Promise.all([
        startHatchet(),
        startS3Server(),
        mkdtemp(join(tmpdir(), 'scythe-test-')),
      ])
      for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value)
      store = openStore(`s3://${s3.bucket}/studies/driving`)
      engine = createHatchetEngine({ connection: hatchet })
      pool = createPool({ slots: 1, worker: 'fans' })
      // It has none of the user's code, in whatever language.
      fans = await engine.serve(taskDefinitions(pool), { name: 'fans', slots: 0, labels: {} })
    })
    afterAll(async () => {
      await (await worker)?.stop()
      await fans?.close({ drain: 0 })
      await engine?.close()
      await pool?.close()
      await Promise.all([hatchet?.stop(), s3?.stop()])
      if (folder) await rm(folder, { recursive: true })
      vi.unstubAllEnvs()
    })

    const startPython = () =>
      startPythonWorker(hatchet, PYTHON, {
        name: 'python',
        purpose: 'interop',
        env: {
          ...process.env,
          ...hatchet.env,
          AWS_DEFAULT_REGION: s3.env.AWS_REGION,
          SCYTHE_STORAGE_BUCKET: s3.bucket,
          SCYTHE_WORKER_SLOTS: '8',
          SCYTHE_WORKER_DOES_FAN: 'false',
        },
      })

    const text = async (uri: unknown) => Buffer.from(await store.get(store.keyOf(String(uri))!)).toString()

    it('is run by our fan: results, tables and files of every spec, and a row of errors for what raises', async () => {
      const weather = join(folder, 'weather.txt')
      await writeFile(weather, 'windy')
      const specs: SpecOf<typeof facade>[] = Array.from({ length: 90 }, (_, n) => ({
        area: n,
        built: '1987-03-01',
        ...(n === 4 ? { weather } : {}),
        ...(n === 5 ? { fate: 'raise' as const } : {}),
        ...(n === 6 ? { fate: 'nan' as const } : {}),
        ...(n === 7 ? { panes: 3, floors: 4, glazing: 'single', layers: [{ thickness: 0.1 }] } : {}),
        ...(n === 8 ? { measured: new Date('2026-11-21T12:45:10.250Z') } : {}),
      }))
      expectTypeOf<SpecOf<typeof facade>['panes']>().toEqualTypeOf<number | undefined>()
      const { run, ref } = await new BaseExperiment({ runnable: facade, store }).allocate(specs, { engine })
      driven = run.id
      // No worker has been there yet that knows the task.
      worker = startPython()
      expect(await ref.result()).toMatchObject({ specs: 90, results: 89, errors: 1 })

      const scalars = await collect(run.rows('scalars'))
      expect(scalars.map((row) => row.sort_index)).toEqual(specs.flatMap((_, n) => (n === 5 ? [] : [n])))
      expect(scalars[3]).toEqual({
        experiment_id: run.id,
        sort_index: 3,
        workflow_run_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        root_workflow_run_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        area: 3,
        panes: null,
        glazing: 'double',
        orientation: 'south',
        built: '1987-03-01',
        measured: null,
        floors: null,
        weather: null,
        fate: 'fine',
        loss: 6,
        label: 'double south 1987-03-01 0',
        checked: new Date('2026-01-02T03:04:05Z'),
        storeys: null,
      })
      expect(scalars.find(({ sort_index: n }) => n === 6)).toMatchObject({ loss: null })
      expect(scalars.find(({ sort_index: n }) => n === 7)).toMatchObject({
        loss: 21,
        label: 'single south 1987-03-01 1',
        floors: 4,
        storeys: 4,
      })
      expect(scalars.find(({ sort_index: n }) => n === 8)?.checked).toEqual(new Date('2026-11-21T12:45:10.250Z'))

      const errors = await collect(run.errors())
      expect(errors).toEqual([
        expect.objectContaining({
          sort_index: 5,
          area: 5,
          error_code: 'SPEC_FAILED',
          error_name: 'ValueError',
          error_message: 'no facade of 5.0 m2\nis known',
          error_attempts: 1,
        }),
      ])
      expect(errors[0]!.error_stack).toMatch(/^Traceback[\s\S]*driven\.py[\s\S]*is known$/)

      const hours = await collect(run.rows('hours'))
      expect(hours).toHaveLength(specs.reduce((sum, _, n) => sum + (n === 5 ? 0 : 1 + (n % 3)), 0))
      const { loss, label, checked, storeys, ...index } = scalars[7]!
      expect(hours.filter(({ sort_index: n }) => n === 8)).toEqual(
        [0, 1, 2].map((hour) => ({ ...index, sort_subindex: hour, hour, watts: 8 * hour })),
      )
      expect(hours.filter(({ sort_index: n }) => n === 11).map(({ watts }) => watts)).toEqual([0, 11, 22])

      const files = await collect(run.rows('result_file_refs'))
      expect(files).toHaveLength(89)
      expect(await text(files[4]!.report)).toBe('4: windy')
      const receipts = await collect(store.list(`${run.id}/receipts/`))
      expect(receipts).toHaveLength(45)
    })

    it('has error rows where its output is not what was declared', async () => {
      const other = remoteExperiment({
        name: facade.name,
        input,
        output: output.omit({ storeys: true }).extend({ label: z.int() }),
        tables: { hours: z.object({ minute: z.int() }) },
      })
      const misread = remoteExperiment({
        name: facade.name,
        input,
        output,
        tables: { hours: z.object({ minute: z.int() }) },
      })
      const outcomes = [other, misread].map(async (runnable, n) => {
        const runs = new BaseExperiment({ runnable, runName: `misread-${n}`, store })
        const { run, ref } = await runs.allocate([{ area: 1, built: '1987-03-01' }], { engine })
        expect(await ref.result()).toMatchObject({ results: 0, errors: 1 })
        return (await collect(run.errors()))[0]
      })
      const [label, minute] = await Promise.all(outcomes)
      expect(label).toMatchObject({
        area: 1,
        error_code: 'OUTPUT_INVALID',
        error_message: expect.stringMatching(/label: .*expected number.*\(got "double south 1987-03-01 0"\)/),
      })
      expect(minute).toMatchObject({
        error_code: 'OUTPUT_INVALID',
        error_message: expect.stringMatching(/hours\/.* has no column minute; it has hour, watts/),
      })
    })
    it('is run and gone on with from the command line, by the module that is made of a run of it', async () => {
      // In the project, so that what it imports is found.
      const module = `${await mkdtemp(fileURLToPath(new URL('imported-', import.meta.url)))}/facade.ts`
      await writeFile(
        join(folder, 'specs.jsonl'),
        [1, 2].map((area) => `{"area":${area},"built":"1987-03-01"}`).join('\n'),
      )
      const call = async (...words: string[]) => {
        const env = {
          ...hatchet.env,
          ...s3.env,
          SCYTHE_STORAGE_BUCKET: s3.bucket,
          SCYTHE_STORAGE_BUCKET_PREFIX: 'studies/driving',
        }
        const { code, stdout, stderr } = await scythe(folder, [...words, '--json'], { env })
        expect({ code, stderr }).toMatchObject({ code: 0 })
        return JSON.parse(stdout)
      }
      try {
        await call('schema', 'import', driven, '--output', module)
        const { run } = await call('run', module, '--specs', 'specs.jsonl', '--detach')
        expect(await call('resume', run)).toMatchObject({ run, specs: 2, results: 2, tables: { hours: { rows: 3 } } })
        expect(await call('resume', run, module)).toMatchObject({ run, results: 2 })
      } finally {
        await rm(dirname(module), { recursive: true })
      }
    })

    it('is run by Python workers and by ours together, and goes on where its fan goes to another worker', async () => {
      const ours = await engine.serve(taskDefinitions(pool, { experiments: [ExperimentRegistry.get(drivenSleep)] }), {
        name: 'ours',
        slots: 1,
        durableSlots: 0,
        labels: {},
      })
      const { name, input, output } = ExperimentRegistry.get(drivenSleep)
      const runs = new BaseExperiment({ runnable: remoteExperiment({ name, input, output }), store })
      // Python's workers keep what they have in hand until the fan has moved.
      const gate = join(folder, 'gate')
      const specs = Array.from({ length: 60 }, () => ({ seconds: 0.1, gate }))
      const { run, ref } = await runs.allocate(specs as never, { engine })
      await vi.waitUntil(async () => (await run.status()).results > 10, { timeout: 200_000, interval: 100 })
      const other = await engine.serve(taskDefinitions(pool), { name: 'other-fans', slots: 0, labels: {} })
      await fans.close({ drain: 0 })
      fans = other
      await writeFile(gate, '')
      expect(await ref.result()).toMatchObject({ specs: 60, results: 60, errors: 0 })
      const slept = new Set((await collect(run.rows('scalars'))).map((row) => row.slept))
      expect([...slept].sort()).toEqual([-0.1, 0.1])
      // No spec was run twice: each left its results once.
      const left = await collect(store.list(`${run.id}/results/task-dataframes/scalars/`))
      expect(left).toHaveLength(60)
      await ours.close()
    })
  },
)
