import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formSchema } from '../../src/experiment/io-spec.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { type Hatchet, hasEngine, quietClient, startHatchet } from '../support/engine.js'
import { tideHeight } from './fixtures/tides.js'
import { fixture, startWorker, type WorkerProcess } from './worker-process.js'

const NAME = 'scythe_experiment_tide_height'

interface ApiRun {
  readonly status: string
  readonly output: Record<string, unknown>
  readonly errorMessage?: string
}

describe.skipIf(!(await hasEngine('single specs from outside')))('a single spec from an external client', () => {
  let hatchet: Hatchet
  let client: HatchetClient
  let worker: WorkerProcess
  let folder: string

  beforeAll(async () => {
    hatchet = await startHatchet()
    folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    client = quietClient(hatchet)
    worker = startWorker(folder, [fixture('tides.ts')], hatchet.env)
    await worker.said(/is ready/)
  })
  afterAll(async () => {
    worker?.child.kill('SIGTERM')
    await worker?.ended
    await hatchet?.stop()
    await rm(folder, { recursive: true })
  })

  async function api<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(hatchet.apiUrl + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${hatchet.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** As another program does it that knows the engine's REST interface alone. */
  async function runByRest(input: object): Promise<ApiRun> {
    const started = await api<{ run: { metadata: { id: string } } }>(
      `/api/v1/stable/tenants/${client.tenantId}/workflow-runs/trigger`,
      { workflowName: NAME, input },
    )
    for (;;) {
      const { run } = await api<{ run: ApiRun }>(`/api/v1/stable/workflow-runs/${started.run.metadata.id}`)
      if (run.status !== 'QUEUED' && run.status !== 'RUNNING') return run
      await sleep(50)
    }
  }

  const runBySdk = (input: object) =>
    client.admin.runWorkflow<object, Record<string, Record<string, unknown>>>(NAME, input)

  it('returns its output by REST: dates, 64-bit integers and defaults', async () => {
    const spec = { at: '2026-11-21T12:45:10.250Z', station: '9007199254740993', gauges: [{ id: 7 }] }
    const run = await runByRest(spec)
    expect(run.errorMessage ?? '').toBe('')
    expect(run.status).toBe('COMPLETED')
    expect(run.output).toEqual({
      high: '2026-11-21T12:45:10.251Z',
      next: '9007199254740994',
      place: 'cuxhaven',
      factors: [2],
      note: null,
      dataframes: { scalars: expect.stringMatching(/^file:.*\/scalars\/[\w-]+\.pq$/) },
    })
  })

  it("returns an equal output by the SDK, under the task's name", async () => {
    const ref = await runBySdk({ at: '2026-11-21T12:45:10.250Z', station: 41, harbour: 'cuxhaven' })
    expect((await ref.output)[NAME]).toMatchObject({ next: 42, place: 'cuxhaven', factors: [], note: null })
  })

  it('fails if it does not match the schema, with the field, the value and the expected type', async () => {
    const { status, errorMessage } = await runByRest({ at: 'noon', station: 2 ** 60, harbour: 'bergen' })
    expect(status).toBe('FAILED')
    const message = JSON.parse(errorMessage!).message
    expect(message).toContain(`[SPECS_INVALID] 1 spec does not fit the input of ${NAME}; nothing was started.`)
    expect(message).toMatch(/field at: .*ISO text.*\(got "noon"\)/)
    expect(message).toMatch(/field station: .*as text.*\(got 1152921504606847000\)/)
    expect(message).toMatch(/field harbour: .*"cuxhaven"\|"esbjerg".*\(got "bergen"\)/)
  })

  it('fails with the error of its function, and is not retried', async () => {
    const ref = await runBySdk({ at: '2026-11-21T12:45:10Z', station: 1, harbour: 'esbjerg' })
    const errors = (await ref.output.catch((error) => error)) as string[]
    expect(errors).toHaveLength(1)
    const { message, stack } = JSON.parse(errors[0]!)
    expect(message).toMatch(/\[SPEC_FAILED\].*the gauge of esbjerg is dry/)
    expect(stack).toMatch(/tides\.ts:\d+/)
    const { taskRuns } = await client.runs.getDetails(await ref.runId)
    expect(taskRuns[NAME]).toMatchObject({ status: 'FAILED' })
  })

  it('publishes its input schema to the engine', async () => {
    const { rows } = await api<{ rows: { name: string; metadata: { id: string } }[] }>(
      `/api/v1/tenants/${client.tenantId}/workflows?limit=100`,
    )
    const { metadata } = rows.find(({ name }) => name === NAME)!
    const version = await api<{ inputJsonSchema: object }>(`/api/v1/workflows/${metadata.id}/versions`)
    expect(version.inputJsonSchema).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      ...formSchema(ExperimentRegistry.get(tideHeight)),
    })
  })
})
