import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { Executor } from '../../src/execute/executor.js'
import { createPool } from '../../src/execute/pool/pool.js'
import { PYTHON_FAN } from '../../src/experiment/names.js'
import { BaseExperiment, ExperimentRegistry, openRun, openStore } from '../../src/index.js'
import { pythonFanTask } from '../../src/python/fan/task.js'
import { localEngine } from '../../src/run/default-engine.js'
import { jsonText } from '../../src/scatter/read-json.js'
import { servedStores } from '../../src/scatter/served.js'
import type { Task, TaskHost } from '../../src/scatter/task.js'
import { taskDefinitions } from '../../src/scatter/task-definitions.js'
import { failing } from '../fixtures/experiments.js'
import { temporaryFolder } from '../support/folders.js'
import { nodeWork, runInput } from '../support/tasks.js'

const forbidden = expect.objectContaining({ code: 'TASK_FORBIDDEN' })
const unused = { run: () => Promise.reject(new Error('A batch was run.')) } as unknown as Executor
const pool = createPool({ slots: 1, worker: 'test' })
afterAll(() => pool.close())

const host = (experiment?: string) =>
  ({
    id: 'task',
    rootId: 'root',
    worker: 'w',
    signal: new AbortController().signal,
    experiment,
    report() {},
  }) as never as TaskHost

/** A store with a run of one batch that nobody has run yet, and the task of that. */
async function allocated(): Promise<{ store: string; folder: string; leaf: Task }> {
  const store = join(await temporaryFolder(), 'runs')
  const engine = await localEngine({ slots: 1 })
  onTestFinished(() => engine.close())
  const submitted: Task[] = []
  const { run } = await new BaseExperiment({ runnable: failing, store }).allocate([{ n: 4 }], {
    engine: {
      ...engine,
      async submit(task) {
        submitted.push(task)
        return { id: 'root', started: async () => {}, done: new Promise(() => {}), cancel: async () => {} }
      },
    },
  })
  return { store, folder: join(store, run.id), leaf: { ...submitted[0]!, kind: 'leaf', depth: 1 } }
}

test('a task for a store that the worker does not serve is rejected, and none of its files is read', async () => {
  const { store, leaf } = await allocated()
  const own = await temporaryFolder()
  const opened: string[] = []
  const experiment = ExperimentRegistry.get(failing)
  const options = {
    served: servedStores([own]),
    storeOf(address: string) {
      opened.push(address)
      return openStore(address)
    },
    experiments: [experiment],
  }
  const work = nodeWork(unused, options)
  const elsewhere = [pathToFileURL(store).href, 's3://bucket/prefix', 'file:///', pathToFileURL(`${own}2`).href]
  for (const address of elsewhere) {
    await expect(work.leaf({ ...leaf, store: address }, host())).rejects.toThrow(forbidden)
    await expect(work.fan({ ...leaf, kind: 'fan', store: address }, host())).rejects.toThrow(forbidden)
  }
  const spec = { n: 1, storage_settings: { BUCKET: 'secrets', BUCKET_PREFIX: 'x' } }
  await expect(runInput(taskDefinitions(unused, options), experiment.name, spec, host())).rejects.toThrow(forbidden)
  expect(opened).toEqual([])
})

test("the worker's own store and the stores in SCYTHE_WORKER_STORES are served by any of their names", async () => {
  const { store, leaf } = await allocated()
  const link = join(await temporaryFolder(), 'mounted')
  await symlink(store, link)
  const work = nodeWork(pool, { served: servedStores([await temporaryFolder(), link]) })
  expect(await work.leaf(leaf, host())).toMatchObject({ results: 1, errors: 0 })
})

test('a task under the name of another experiment is rejected', async () => {
  const { store, leaf } = await allocated()
  const work = nodeWork(unused, { served: servedStores([store]) })
  await expect(work.leaf(leaf, host('scythe_experiment_other'))).rejects.toThrow(
    /^The task is refused: it came as a task of scythe_experiment_other, and names the experiment "\S+"\.$/,
  )
  // To lie in the task, too, does not help: its run says what it is.
  const lying = { ...leaf, experiment: 'scythe_experiment_other' }
  await expect(work.leaf(lying, host('scythe_experiment_other'))).rejects.toMatchObject({ code: 'TASK_INVALID' })
})

test.each(['data:text/javascript,', 'a module of the run', 'a module elsewhere'])(
  'code that a run names is not imported: %s',
  async (kind) => {
    const { store, folder, leaf } = await allocated()
    const proof = join(store, 'proof')
    const code = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(proof)}, 'in')`
    const file = join(kind === 'a module of the run' ? folder : await temporaryFolder(), 'trap.mjs')
    await writeFile(file, code)
    const module = kind.startsWith('data:') ? kind + encodeURIComponent(code) : pathToFileURL(file).href
    const path = join(folder, 'allocation.json')
    const { crc32: _, ...allocation } = JSON.parse(await readFile(path, 'utf8'))

    await writeFile(path, jsonText({ ...allocation, module, experiment_name: 'scythe_experiment_trap' }))
    const work = nodeWork(pool, { served: servedStores([store]) })
    const trap = { ...leaf, experiment: 'scythe_experiment_trap' }
    await expect(work.leaf(trap, host())).rejects.toMatchObject({ code: 'EXPERIMENT_UNKNOWN' })

    // Of an experiment that is registered, the worker's own code runs.
    await writeFile(path, jsonText({ ...allocation, module }))
    const again = nodeWork(pool, { served: servedStores([store]) })
    expect(await again.leaf(leaf, host())).toMatchObject({ results: 1 })
    await expect(readFile(proof)).rejects.toMatchObject({ code: 'ENOENT' })
  },
)

test('a script without the experiment resumes no run in its own processes', async () => {
  const { store, folder } = await allocated()
  const path = join(folder, 'allocation.json')
  const { crc32: _, ...allocation } = JSON.parse(await readFile(path, 'utf8'))
  const trap = { ...allocation, module: 'data:text/javascript,', experiment_name: 'scythe_experiment_trap' }
  await writeFile(path, jsonText(trap))
  const engine = await localEngine({ slots: 1 })
  onTestFinished(() => engine.close())
  const run = await openRun(openStore(store), allocation.experiment_id)
  await expect(run.resume({ engine })).rejects.toThrow(/scythe_experiment_trap is not registered .* Import the module/)
})

test('a Python fan reads specs and tables only from stores that are served', async () => {
  const tasks = taskDefinitions(unused, { served: servedStores(['s3://bucket/scythe']), others: [pythonFanTask] })
  const runFan = (bucket: string, specs: string) => {
    const input = {
      experiment_id: 'study/v1.0.0/2026-01-01_00-00-00',
      task_name: 'scythe_experiment_study',
      specs_uri: specs,
      storage_settings: { BUCKET: bucket, BUCKET_PREFIX: 'scythe' },
      recursion_map: { factor: 10 },
    }
    return runInput(tasks, PYTHON_FAN, input, host())
  }
  const own = 's3://bucket/scythe/study/specs.pq'
  await expect(runFan('secrets', own)).rejects.toThrow(forbidden)
  for (const specs of ['s3://secrets/scythe/specs.pq', 's3://bucket/other/specs.pq', 's3://bucket/scythe2/specs.pq']) {
    await expect(runFan('bucket', specs)).rejects.toThrow(/^The task is refused: the object/)
  }
})

test('a copied or moved store is a store of its own', async () => {
  const { store, leaf } = await allocated()
  const copy = join(await temporaryFolder(), 'copy')
  await mkdir(copy)
  await cp(store, copy, { recursive: true })
  const work = nodeWork(unused, { served: servedStores([copy]) })
  await expect(work.leaf(leaf, host())).rejects.toThrow(forbidden)
})
