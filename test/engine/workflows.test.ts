import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { parse } from 'yaml'
import type { Engine } from '../../src/engine/engine.js'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import { createLocalEngine } from '../../src/engine/local.js'
import { BaseExperiment, openStore, type Store } from '../../src/index.js'
import { readRows } from '../../src/table/rows.js'
import { bytesSource } from '../../src/table/source.js'
import { scythe } from '../cli/scythe.js'
import { collect } from '../support/collect.js'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { fixture, startWorker, type WorkerProcess, watchWorker } from './worker-process.js'

describe.skipIf(!(await hasEngine("workflows of Hatchet's own")))('a workflow of the SDK', () => {
  let hatchet: Hatchet
  let engine: Engine
  let store: Store
  let folder: string
  let workflows: typeof import('./fixtures/survey.js')
  const workers: WorkerProcess[] = []

  beforeAll(async () => {
    hatchet = await startHatchet()
    folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    store = openStore(join(folder, 'store'))
    engine = createHatchetEngine({ connection: hatchet })
    for (const [name, value] of Object.entries(hatchet.env)) vi.stubEnv(name, value)
    workflows = await import('./fixtures/survey.js')
    const worker = startWorker(folder, [fixture('survey.ts')], { ...hatchet.env, SCYTHE_WORKER_NAME: 'survey' })
    workers.push(worker)
    await worker.said(/is ready/)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    for (const { child } of workers) child.kill('SIGTERM')
    await Promise.all(workers.map(({ ended }) => ended))
    await engine?.close()
    await hatchet?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  const text = async (key: string) => Buffer.from(await store.get(key)).toString()
  const runs = async () => (await collect(store.list(''))).length

  it('runs one spec, and returns the output of each of its tasks', async () => {
    const { run, ref } = await new BaseExperiment({ runnable: workflows.survey, store }).allocate(
      { site: 'Kap Arkona', metres: 45 },
      { engine },
    )
    const result = await ref.result()
    expect(result).toEqual({ measure: { feet: 135 }, report: { line: 'Kap Arkona: 135 ft', run: run.id } })
    expectTypeOf(result).toEqualTypeOf<{ measure: { feet: number }; report: { line: string; run: string } }>()
    expect(run.id).toMatch(/^survey\/v1\.0\.0\//)
  })

  it('writes its folder as Python Scythe does', async () => {
    const runs = new BaseExperiment({ runnable: workflows.survey, runName: 'north/sites', store })
    const { run, ref } = await runs.allocate({ site: 'Skagen', metres: 1.5 }, { engine, version: 'v2.1.0' })
    await ref.result()
    const keys = (await collect(store.list(`${run.id}/`))).map(({ key }) => key.slice(run.id.length + 1))
    expect(keys).toEqual(['experiment_io_spec.yml', 'manifest.yml', 'root.json', 'specs.pq', 'workflow_spec.yml'])
    const spec = { experiment_id: run.id, sort_index: 0, site: 'Skagen', metres: 1.5 }
    expect(parse(await text(`${run.id}/workflow_spec.yml`))).toEqual(spec)
    expect(await collect(readRows(bytesSource(await store.get(`${run.id}/specs.pq`))))).toEqual([spec])
    expect(run.manifest).toMatchObject({ experiment_id: run.id, experiment_name: 'survey' })
    expect((await runs.latestRun())?.id).toBe(run.id)
  })

  async function json(...args: string[]) {
    const { stdout } = await scythe(folder, [...args, '--store', store.uri, '--json'], { env: hatchet.env })
    return JSON.parse(stdout)
  }

  it('is listed as one run, and is done when the engine reports its end', async () => {
    const surveys = new BaseExperiment({ runnable: workflows.survey, runName: 'asked', store })
    const { run, ref } = await surveys.allocate({ site: 'Skagen', metres: 1.5 }, { engine })
    await ref.result()
    expect(await run.status()).toMatchObject({ specs: 1, state: 'workflow' })
    expect((await json('list')).runs).toContainEqual(
      expect.objectContaining({ run: run.id, specs: 1, results: null, open: null, state: 'workflow' }),
    )
    expect(await json('status', run.id)).toMatchObject({ run: run.id, state: 'done' })
  })

  it('is cancelled from another terminal, and its status says so', async () => {
    const { run } = await new BaseExperiment({ runnable: workflows.rest, store }).allocate({ site: 'Sylt' }, { engine })
    expect(await json('status', run.id)).toMatchObject({ state: 'workflow' })
    expect(await json('cancel', run.id)).toMatchObject({ state: 'cancelled' })
    expect(await json('status', run.id)).toMatchObject({ state: 'cancelled' })
  })

  it('is included under its name; a standalone task returns its own output', async () => {
    const { nameSite } = workflows
    const named = new BaseExperiment<typeof nameSite>({ runnable: 'nameSite', store })
    const { run, ref } = await named.allocate({ site: 'Hiddensee' }, { engine })
    const result = await ref.result()
    expect(result).toEqual({ name: 'HIDDENSEE' })
    expectTypeOf(result).toEqualTypeOf<{ name: string }>()
    const { properties } = parse(await text(`${run.id}/experiment_io_spec.yml`))
    expect(properties.input.properties.loud).toEqual({ type: 'boolean', default: true })
  })

  it('writes nothing if its spec does not match the schema', async () => {
    const before = await runs()
    const allocated = new BaseExperiment({ runnable: workflows.nameSite, store }).allocate(
      { site: 7 as never },
      { engine },
    )
    await expect(allocated).rejects.toMatchObject({
      code: 'SPECS_INVALID',
      message: expect.stringMatching(/input of nameSite.*\n.*field site: .*expected string.*\(got 7\)/),
    })
    expect(await runs()).toBe(before)
  })

  it('accepts one spec at a time', async () => {
    const before = await runs()
    // @ts-expect-error: the types say so, too
    const allocated = new BaseExperiment({ runnable: workflows.survey, store }).allocate([{ site: 'a', metres: 1 }], {
      engine,
    })
    await expect(allocated).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: 'Expected specs to be one spec, since survey is a workflow, got [{"site":"a","metres":1}].',
    })
    expect(await runs()).toBe(before)
  })

  it('requires a Hatchet engine', async () => {
    const before = await runs()
    const allocated = new BaseExperiment({ runnable: workflows.survey, store }).allocate(
      { site: 'a', metres: 1 },
      { engine: createLocalEngine() },
    )
    await expect(allocated).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/survey is a workflow.*HATCHET_CLIENT_TOKEN/),
    })
    expect(await runs()).toBe(before)
  })

  it('reports why one of its tasks failed', async () => {
    const { run, ref } = await new BaseExperiment({ runnable: workflows.survey, store }).allocate(
      { site: 'Marianengraben', metres: -11000 },
      { engine },
    )
    await expect(ref.result()).rejects.toThrow('nothing is -11000 m high')
    expect(await json('status', run.id)).toMatchObject({ state: 'failed', failure: 'nothing is -11000 m high' })
  })

  it('waits for a worker that serves it, and can be cancelled meanwhile', async () => {
    const resting = new BaseExperiment({ runnable: workflows.rest, store })
    const { ref: cancelled } = await resting.allocate({ site: 'Sylt' }, { engine })
    const { ref } = await resting.allocate({ site: 'Amrum' }, { engine })
    await cancelled.cancel()
    await expect(cancelled.result()).rejects.toMatchObject({ code: 'CANCELLED' })
    const worker = watchWorker(
      spawn(process.execPath, ['--import', import.meta.resolve('tsx'), fixture('rest-worker.ts')], {
        cwd: folder,
        env: { ...process.env, ...hatchet.env, SCYTHE_WORKER_NAME: 'rest' },
      }),
    )
    workers.push(worker)
    expect(await ref.result()).toEqual({ rested: 'Amrum' })
  })
})
