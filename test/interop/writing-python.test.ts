import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { ioSpec } from '../../src/experiment/io-spec.js'
import { type Engine, ExperimentRegistry, localEngine, openStore } from '../../src/index.js'
import { pythonPackage } from '../../tools/python/environment.js'
import { hasS3, startS3Server } from '../support/s3.js'
import { asWeWrite, comparable, type Frame, type Frames } from './frames.js'
import { copyObjects, GOLDEN, type GoldenName, goldenStore } from './golden.js'
import { allocateGolden, combinePoint } from './golden-experiments.js'
import { hasPythonScythe, runPythonScythe } from './python-scythe.js'

const SUITE = 'Python Scythe on our runs'
const NAMES = Object.keys(GOLDEN) as GoldenName[]
/** Where the golden runs were. */
const PYTHONS = { bucket: 'scythe-test', prefix: 'scythe' }

/** What Python says of an experiment's runs. */
interface Reading {
  /** That of Python Scythe. */
  readonly version: string
  readonly versions: string[]
  readonly latest_version: string
  readonly next_versions: string[]
  readonly runs: string[]
  readonly latest_run: string
  readonly results: Readonly<Record<string, string>>
  readonly results_for_version: Readonly<Record<string, string>>
  readonly manifest: Readonly<Record<string, string | null>>
  readonly io_spec: object
  readonly input_artifacts: Readonly<Record<string, string[]>> | null
  readonly specs: readonly Readonly<Record<string, unknown>>[]
  readonly frames: Frames
}

describe.skipIf(!((await hasS3(SUITE)) && (await hasPythonScythe(SUITE))))('Python Scythe', () => {
  let engine: Engine
  let env: Readonly<Record<string, string>>
  let bucket: string
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    await mkdir(join(folder, PYTHONS.bucket))
    const server = await startS3Server({ folder })
    ;({ env, bucket } = server)
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    engine = await localEngine({ slots: 2 })
    await copyObjects(goldenStore(), openStore(`s3://${PYTHONS.bucket}/${PYTHONS.prefix}`))
    return async () => {
      await engine.close()
      await server.stop()
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true, force: true })
    }
  })

  const readings = (places: readonly { bucket: string; prefix: string; name: string }[]) =>
    runPythonScythe<Reading[]>(new URL('python/read_runs.py', import.meta.url), places, env)

  /** A reading without what names its run or its place. */
  const placeless = ({ manifest, io_spec: _, specs, ...reading }: Reading) => {
    const { latest_run: run, results, results_for_version } = reading
    const tail = (value: unknown) => (typeof value === 'string' ? value.replace(/^.*\d\d-\d\d-\d\d\/?/, '') : value)
    const tails = (values: object): Record<string, unknown> =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tail(value)]))
    return {
      ...reading,
      runs: reading.runs.length,
      latest_run: tail(run),
      results: tails(results),
      results_for_version: tails(results_for_version),
      manifest: { ...tails(manifest), workflow_run_id: typeof manifest.workflow_run_id },
      input_artifacts: reading.input_artifacts?.table?.map(tail),
      specs: specs.map(tails),
      frames: comparable(reading.frames, run),
    }
  }

  /** What Python would say of its own run if we had written it: but for the tables, two things are other. */
  const asOurs = (name: GoldenName, theirs: ReturnType<typeof placeless>, errors: Frame | undefined) => {
    // Python names an object that is not there.
    const manifest = theirs.input_artifacts ? theirs.manifest : { ...theirs.manifest, input_artifacts: null }
    // Errors are a table of results. Python drops them.
    const more = name === 'errors' ? { errors: 'final/errors.pq' } : {}
    return {
      ...theirs,
      manifest,
      results: { ...theirs.results, ...more },
      results_for_version: { ...theirs.results_for_version, ...more },
      frames: { ...asWeWrite(theirs.frames), ...(errors && { errors }) },
    }
  }

  it('says of our runs what it says of its own', async () => {
    const prefix = 'studies/ours'
    const store = openStore(`s3://${bucket}/${prefix}`)
    for (const name of NAMES) {
      const version = GOLDEN[name].split('/')[1]!
      const { ref } = await allocateGolden(name, store, { engine, version })
      await ref.result()
    }
    const found = await readings([
      ...NAMES.map((name) => ({ ...PYTHONS, name })),
      ...NAMES.map((name) => ({ bucket, prefix, name })),
    ])
    for (const [i, name] of NAMES.entries()) {
      const ours = placeless(found[NAMES.length + i]!)
      expect([name, ours]).toEqual([name, asOurs(name, placeless(found[i]!), ours.frames.errors)])
    }
    expect(found[NAMES.length]!.io_spec).toEqual(ioSpec(ExperimentRegistry.get(combinePoint)))
  })

  it('reads a run of ours with version 1.2.0 as with 1.3.0', async () => {
    const prefix = 'studies/versions'
    const { ref } = await allocateGolden('points', openStore(`s3://${bucket}/${prefix}`), { engine })
    await ref.result()
    const script = new URL('python/read_runs.py', import.meta.url)
    const older = { ...env, PYTHONPATH: await pythonPackage('scythe-engine==1.2.0') }
    const places = [{ bucket, prefix, name: 'points' }]
    const [newest] = await runPythonScythe<Reading[]>(script, places, env)
    const [oldest] = await runPythonScythe<Reading[]>(script, places, older)
    expect(newest!.version).toBe('1.3.0')
    expect(oldest!.version).toBe('1.2.0')
    expect({ ...oldest, version: '' }).toEqual({ ...newest, version: '' })
  })

  it('finds our latest run and its results beside its own', async () => {
    const place = { ...PYTHONS, name: 'points' }
    const store = openStore(`s3://${PYTHONS.bucket}/${PYTHONS.prefix}`)
    const ids: string[] = []
    for (const version of ['bumpmajor', 'bumppatch', 'keep'] as const) {
      const { run, ref } = await allocateGolden('points', store, { engine, version })
      await ref.result()
      ids.push(run.id)
    }
    const [found] = await readings([place])
    expect(found).toMatchObject({
      versions: ['v2.0.0', 'v3.0.0', 'v3.0.1'],
      latest_version: 'v3.0.1',
      next_versions: ['v4.0.0', 'v3.1.0', 'v3.0.2', 'v3.0.1'],
      runs: ids.slice(1),
      latest_run: ids[2],
      results: { scalars: `${PYTHONS.prefix}/${ids[2]}/final/scalars.pq` },
      manifest: { experiment_id: ids[2], experiment_name: 'scythe_experiment_combine_point' },
    })
    expect(found!.frames.scalars!.rows).toHaveLength(12)
  })
})
