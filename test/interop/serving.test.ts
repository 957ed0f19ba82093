import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Engine, Serving, WorkerOptions } from '../../src/engine/engine.js'
import { createHatchetEngine } from '../../src/engine/hatchet.js'
import type { Pool } from '../../src/execute/pool.js'
import { createPool } from '../../src/execute/processes.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { createHandlers } from '../../src/scatter/handlers.js'
import { startPythonWorker } from '../../tools/python/worker.js'
import { type S3Server, startS3Server } from '../../tools/s3/server.js'
import type { WorkerProcess } from '../../tools/worker.js'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { python } from '../support/python.js'
import { sharedProfile } from './fixtures/serving/profiles.js'
import { hasPythonScythe } from './python-scythe.js'

const SPECS = 200
/** Of a fan of theirs, which is slow. */
const FEW = 100
const OFFSET = 0.25
const here = (name: string) => fileURLToPath(new URL(`fixtures/serving/${name}`, import.meta.url))

const WIRE = ['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id']
const INDEX = [...WIRE, 'base', 'steps', 'limit', 'source', 'joined', 'fails']

interface Order {
  readonly name: string
  readonly specs: number
  readonly recursion?: { readonly factor: number; readonly max_depth: number }
  /** Whether an optional integer is null in some specs. */
  readonly nulls?: boolean
  /** Whether the user's table says which spec it is of. */
  readonly joined?: boolean
  readonly fails?: readonly number[]
}

interface Answer {
  readonly error?: string
  readonly id: string
  readonly uris: Readonly<Record<string, string>>
  readonly tables: Readonly<
    Record<string, { readonly index: readonly string[]; readonly rows: readonly Record<string, unknown>[] }>
  >
  readonly reports: readonly string[]
  readonly latest: Readonly<Record<string, string>>
  readonly versions: readonly string[]
}

describe.skipIf(!((await hasEngine('serving Python Scythe')) && (await hasPythonScythe('serving Python Scythe'))))(
  'a run that a client of Python Scythe allocates',
  () => {
    let hatchet: Hatchet
    let s3: S3Server
    let engine: Engine
    let folder: string
    let client: ChildProcess
    let answers: AsyncIterator<string>
    const pools: Pool[] = []
    const pythons: WorkerProcess[] = []
    const served = new Map<string, Serving>()

    beforeAll(async () => {
      ;[hatchet, s3, folder] = await Promise.all([
        startHatchet(),
        startS3Server(),
        mkdtemp(join(tmpdir(), 'scythe-test-')),
      ])
      for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value)
      await writeFile(join(folder, 'source.txt'), `${OFFSET}`)
      vi.stubEnv('SERVING_MEETING', join(folder, 'meeting'))
      engine = createHatchetEngine({ connection: hatchet })
      client = spawn(await python('interop'), [here('client.py')], {
        env: environment(),
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      answers = createInterface({ input: client.stdout! })[Symbol.asyncIterator]()
    })
    afterAll(async () => {
      client?.kill()
      await Promise.all(pythons.map((worker) => worker.stop()))
      await engine?.close()
      await Promise.all(pools.map((pool) => pool.close()))
      await Promise.all([hatchet?.stop(), s3?.stop()])
      if (folder) await rm(folder, { recursive: true })
      vi.unstubAllEnvs()
    })

    function environment(): NodeJS.ProcessEnv {
      const region = { AWS_DEFAULT_REGION: s3.env.AWS_REGION! }
      return { ...process.env, ...hatchet.env, ...s3.env, ...region, SCYTHE_STORAGE_BUCKET: s3.bucket }
    }

    async function startOurs(name: string, options: Pick<WorkerOptions, 'slots' | 'durableSlots'>) {
      const pool = createPool({ slots: Math.max(1, options.slots), worker: name })
      pools.push(pool)
      const experiments = [ExperimentRegistry.get(sharedProfile)]
      const pythonFans = options.durableSlots !== 0
      served.set(
        name,
        await engine.serve(createHandlers(pool), { name, labels: {}, experiments, pythonFans, ...options }),
      )
    }

    async function startTheirs(name: string, does: 'FAN' | 'LEAF', slots: number) {
      const env = {
        ...environment(),
        SCYTHE_WORKER_SLOTS: `${slots}`,
        SCYTHE_WORKER_DOES_FAN: 'False',
        SCYTHE_WORKER_DOES_LEAF: 'False',
        [`SCYTHE_WORKER_DOES_${does}`]: 'True',
      }
      pythons.push(await startPythonWorker(hatchet, here('profiles.py'), { name, purpose: 'interop', env }))
    }

    async function run(order: Order): Promise<Answer> {
      const defaults = { recursion: null, nulls: false, joined: false, fails: [], source: join(folder, 'source.txt') }
      client.stdin!.write(`${JSON.stringify({ ...defaults, ...order })}\n`)
      for (;;) {
        const { value, done } = await answers.next()
        if (done) throw new Error('The client has ended.')
        if (!value.startsWith('=>')) continue
        const answer: Answer = JSON.parse(value.slice(2))
        if (answer.error) throw new Error(answer.error)
        return answer
      }
    }

    /** Has workers of both kinds take part: a new one is given nothing for up to five seconds, in which the other might do it all. */
    async function runByBoth(order: Order): Promise<Answer> {
      const meeting = join(folder, 'meeting')
      await mkdir(meeting)
      const answer = await run(order)
      await rm(meeting, { recursive: true })
      return answer
    }

    const levels = (n: number) => {
      const weights = [0.5, 2].slice(0, n % 3)
      return Array.from({ length: 2 + (n % 3) }, (_, i) => OFFSET + n / 2 + i * (weights[i % weights.length] ?? 1))
    }
    const total = (n: number) => levels(n).reduce((a, b) => a + b, 0)
    const all = Array.from({ length: SPECS }, (_, n) => n)

    /** Every spec once, in order, with the values of its own. */
    function expectRows(
      { id, uris, tables, reports, latest }: Answer,
      specs: readonly number[],
      nulls: boolean,
      sorted = true,
    ) {
      const place = `scythe/${id}/final/`
      expect(latest).toEqual(Object.fromEntries(Object.keys(uris).map((name) => [name, `${place}${name}.pq`])))
      expect(uris).toEqual(
        Object.fromEntries(Object.keys(uris).map((name) => [name, `s3://${s3.bucket}/${place}${name}.pq`])),
      )
      const order = (rows: Answer['tables'][string]['rows']) =>
        sorted ? rows : [...rows].sort((a, b) => Number(a.sort_index) - Number(b.sort_index))
      const { scalars, profile, result_file_refs: files } = tables
      expect(scalars!.index).toEqual(INDEX)
      expect(files!.index).toEqual(INDEX)
      expect(profile!.index).toEqual([...INDEX, 'sort_subindex'])
      const limit = (n: number) => (nulls && n % 2 === 1 ? null : n)
      const spec = (n: number) => ({
        experiment_id: id,
        sort_index: n,
        base: n / 2,
        steps: 2 + (n % 3),
        limit: limit(n),
      })
      expect(order(scalars!.rows)).toMatchObject(
        specs.map((n) => ({ ...spec(n), total: total(n), label: `${n}:${limit(n) ?? 'None'}` })),
      )
      expect(order(files!.rows)).toMatchObject(specs.map(spec))
      expect(sorted ? reports : [...reports].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual(
        specs.map((n) => `${n}: ${total(n).toFixed(2)}`),
      )
      expect(order(profile!.rows)).toMatchObject(
        specs.flatMap((n) =>
          levels(n).map((level, i) => ({ ...spec(n), level, name: `level-${i}`, sort_subindex: i })),
        ),
      )
    }

    const by = ({ tables }: Answer) => new Set(tables.scalars!.rows.map((row) => row.by))
    const roots = ({ tables }: Answer) => new Set(tables.scalars!.rows.map((row) => row.root_workflow_run_id))

    it('is served by one worker of ours that has one slot, whatever the recursion map', async () => {
      await startOurs('alone', { slots: 1, durableSlots: 4 })
      for (const recursion of [undefined, { factor: 4, max_depth: 2 }]) {
        const answer = await run({ name: 'ours', specs: SPECS, nulls: true, ...(recursion && { recursion }) })
        expectRows(answer, all, true)
        expect(by(answer)).toEqual(new Set(['ours']))
        expect(roots(answer).size).toBe(1)
      }
    })

    it('is served by a fan of ours and leaves of both kinds, and has a row of errors for what fails', async () => {
      await startTheirs('their-leaf', 'LEAF', 2)
      const answer = await runByBoth({ name: 'mixed', specs: SPECS, nulls: true, fails: [13] })
      expectRows(
        answer,
        all.filter((n) => n !== 13),
        true,
      )
      expect(by(answer)).toEqual(new Set(['ours', 'python']))
      expect(answer.tables.errors!.index).toEqual(INDEX)
      expect(answer.tables.errors!.rows).toMatchObject([
        { sort_index: 13, error_code: 'SPEC_FAILED', error_message: expect.stringContaining('the wind stopped') },
      ])
    })

    it('is served by a fan of theirs and leaves of both kinds', async () => {
      await served.get('alone')!.close()
      await startOurs('our-leaf', { slots: 1, durableSlots: 0 })
      await startTheirs('their-fan', 'FAN', 16)
      for (const recursion of [undefined, { factor: 4, max_depth: 1 }]) {
        const answer = await runByBoth({ name: 'theirs', specs: FEW, joined: true, ...(recursion && { recursion }) })
        expectRows(answer, all.slice(0, FEW), false, false)
        expect(by(answer)).toEqual(new Set(['ours', 'python']))
      }
    })
  },
)
