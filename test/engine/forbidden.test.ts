import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { batchName } from '../../src/experiment/names.js'
import { openStore } from '../../src/index.js'
import { jsonText } from '../../src/scatter/read-json.js'
import { freePorts } from '../../tools/ports.js'
import { type Hatchet, hasEngine, quietClient, startHatchet } from '../support/engine.js'
import { fixture, startWorker, type WorkerProcess } from './worker-process.js'

const NAME = 'scythe_experiment_tide_height'
const RUN = 'planted/v1.0.0/2026-01-01_00-00-00'

describe.skipIf(!(await hasEngine('tasks of whoever has the token')))("a sender with the engine's token", () => {
  let hatchet: Hatchet
  let client: HatchetClient
  let worker: WorkerProcess
  let folder: string
  let port: number

  beforeAll(async () => {
    hatchet = await startHatchet()
    folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    client = quietClient(hatchet)
    ;[port = 0] = await freePorts(1)
    await mkdir(join(folder, 'work'))
    worker = startWorker(join(folder, 'work'), [fixture('tides.ts')], {
      ...hatchet.env,
      SCYTHE_WORKER_HEALTH_PORT: String(port),
    })
    await worker.said(/is ready/)
  })
  afterAll(async () => {
    worker?.child.kill('SIGTERM')
    await worker?.ended
    await hatchet?.stop()
    await rm(folder, { recursive: true })
  })

  /** A run in a folder of the machine that is none of the worker's, of an experiment that the worker has not. */
  async function plant(module: string): Promise<string> {
    const address = pathToFileURL(join(folder, 'planted')).href
    const allocation = {
      format: 1,
      run_id: 'planted',
      experiment_id: RUN,
      experiment_name: 'planted',
      module,
      specs: 1,
      batch: 1,
      recursion_map: null,
      hashes: { input: '', output: '', tables: '' },
      tables: {},
      memory: null,
      desired_worker_labels: {},
      schedule_timeout: null,
    }
    await openStore(address).put(`${RUN}/allocation.json`, jsonText(allocation))
    return address
  }

  /** What the sender is told. */
  async function failureOf(workflow: string, input: object): Promise<string> {
    const ref = await client.admin.runWorkflow<object, object>(workflow, input)
    return String(await ref.output.then(JSON.stringify, (error) => error))
  }

  it('cannot make the worker run code, open another store or do a task under a wrong name, and is told so', async () => {
    const proof = join(folder, 'proof')
    const code = `import('node:fs').then((fs) => fs.writeFileSync(${JSON.stringify(proof)}, JSON.stringify(process.env)))`
    const planted = await plant(`data:text/javascript,${encodeURIComponent(code)}`)
    const node = { store: planted, run: RUN, labels: {}, start: 0, end: 1, root: null }
    const own = pathToFileURL(join(folder, 'work/.scythe')).href
    const attempts: [string, object][] = [
      ['scythe_fan', { ...node, kind: 'fan', experiment: 'planted', depth: 0 }],
      [batchName(NAME), { ...node, kind: 'leaf', experiment: 'planted', depth: 1 }],
      [batchName(NAME), { ...node, kind: 'leaf', experiment: NAME, depth: 1 }],
      [batchName(NAME), { ...node, kind: 'leaf', experiment: NAME, depth: 1, store: 's3://secrets/scythe' }],
      [batchName(NAME), { ...node, kind: 'leaf', experiment: 'planted', depth: 1, store: own }],
      [NAME, { at: '2026-01-01T00:00:00Z', station: 1, storage_settings: { BUCKET: 'secrets' } }],
    ]
    for (const [workflow, input] of attempts) {
      expect([input, await failureOf(workflow, input)]).toEqual([input, expect.stringContaining('[TASK_FORBIDDEN]')])
    }
    expect(existsSync(proof)).toBe(false)

    await worker.said(
      /worker \S+: The task is refused: the store "s3:\/\/secrets\/scythe" is not one that this worker serves/,
    )
    await worker.said(/The task is refused: it came as a task of scythe_experiment_tide_height, and names .*"planted"/)
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    for (const [kind, count] of Object.entries({ fan: 1, leaf: 4, single: 1 })) {
      expect(metrics).toContain(`scythe_worker_tasks_total{kind="${kind}",outcome="forbidden"} ${count}`)
    }
  })
})
