import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { BaseExperiment, listRuns, localEngine, openStore } from '../../src/index.js'
import { failing, profile } from '../fixtures/experiments.js'
import { temporaryFolder } from '../support/folders.js'

async function oneSlot() {
  const engine = await localEngine({ slots: 1 })
  onTestFinished(() => engine.close())
  return { engine }
}

describe('allocating a run', () => {
  it('rejects invalid specs before anything starts, by row, field and value, and writes nothing', async () => {
    const store = await temporaryFolder()
    const specs: { base: number; steps: number }[] = Array.from({ length: 30 }, (_, n) => ({
      base: n % 2 ? -n : n,
      steps: 1,
    }))
    specs[4] = { base: 4, steps: 1.5 }
    const allocated = new BaseExperiment({ runnable: profile, store }).allocate(specs, await oneSlot())
    await expect(allocated).rejects.toMatchObject({ code: 'SPECS_INVALID', count: 16 })
    const error = await allocated.catch((error) => error)
    expect(error.problems).toHaveLength(10)
    expect(error.problems[0]).toMatchObject({ row: 1, field: 'base', value: -1 })
    expect(error.problems[2]).toMatchObject({ row: 4, field: 'steps', value: 1.5 })
    expect(await listRuns(await openStore(store), 'scythe_experiment_profile')).toEqual([])
  })

  it('reports the number of invalid specs for each problem, and the first one', async () => {
    const specs = Array.from({ length: 40 }, (_, n) => ({ base: n % 2 ? -n : n, steps: n === 8 ? 1.5 : 1 }))
    const allocated = new BaseExperiment({ runnable: profile, store: await temporaryFolder() }).allocate(
      specs,
      await oneSlot(),
    )
    await expect(allocated).rejects.toThrow(
      /21 specs do not fit.*\n {2}field base: 20 rows, first in row 1: .* \(got -1\)\n {2}row 8, field steps: .*int.*\(got 1\.5\)$/,
    )
  })

  it('rejects a run without specs', async () => {
    const store = await temporaryFolder()
    await expect(new BaseExperiment({ runnable: failing, store }).allocate([], await oneSlot())).rejects.toMatchObject({
      code: 'SPECS_MISSING',
    })
  })

  it('leaves nothing behind if its iterable throws, not even a version', async () => {
    const store = await temporaryFolder()
    const experiment = new BaseExperiment({ runnable: failing, store })
    const options = await oneSlot()
    const { run, ref } = await experiment.allocate([{ n: 1 }], options)
    await ref.result()
    function* broken() {
      yield { n: 1 }
      throw new Error('the table ended in the middle')
    }
    async function* late() {
      for (let n = 0; n < 25_000; n++) yield { n }
      throw undefined
    }
    await expect(experiment.allocate(broken(), options)).rejects.toThrow(/ended in the middle/)
    await expect(experiment.allocate(late(), options)).rejects.toBe(undefined)
    const runs = await listRuns(await openStore(store), experiment.baseId)
    expect(runs.map(({ id }) => id)).toEqual([run.id])
    expect(await experiment.listVersions()).toEqual(['v1.0.0'])
    expect(await experiment.latestResults()).toMatchObject({ scalars: { rows: 1 } })
  })

  it('creates a separate folder for each allocation within one second', async () => {
    const store = await temporaryFolder()
    const options = await oneSlot()
    const allocations = await Promise.all(
      Array.from({ length: 5 }, () =>
        new BaseExperiment({ runnable: failing, store }).allocate([{ n: 1 }], { ...options, version: 'v1.0.0' }),
      ),
    )
    expect(new Set(allocations.map(({ run }) => run.id)).size).toBe(5)
    for (const { ref } of allocations) expect(await ref.result()).toMatchObject({ results: 1 })
  })

  it('numbers versions as asked', async () => {
    const store = await temporaryFolder()
    const experiment = new BaseExperiment({ runnable: failing, store, runName: 'studies/tides' })
    const options = await oneSlot()
    for (const version of [undefined, 'bumpminor', 'bumppatch', 'keep', 'bumpmajor', 'v1.5.0']) {
      const { ref } = await experiment.allocate([{ n: 1 }], version ? { ...options, version } : options)
      await ref.result()
    }
    expect(await experiment.listVersions()).toEqual(['v1.0.0', 'v1.1.0', 'v1.1.1', 'v1.5.0', 'v2.0.0'])
    expect(await experiment.latestVersion()).toBe('v2.0.0')
    expect((await readdir(join(store, 'studies/tides/v1.1.1'))).length).toBe(2)
  })

  it('uploads a local file once, by content, and keeps two files of equal name apart', async () => {
    const store = await temporaryFolder()
    const files = await temporaryFolder()
    for (const folder of ['a', 'b', 'c']) await mkdir(join(files, folder))
    await writeFile(join(files, 'a', 'table.txt'), 'first')
    await writeFile(join(files, 'b', 'table.txt'), 'second')
    await writeFile(join(files, 'c', 'table.txt'), 'first')
    const specs = ['a', 'b', 'c', 'a'].map((folder) => ({ base: 1, source: join(files, folder, 'table.txt') }))
    const { run, ref } = await new BaseExperiment({ runnable: profile, store }).allocate(specs, await oneSlot())
    expect(await ref.result()).toMatchObject({ results: 4 })
    const all = await readdir(join(store, run.id, 'artifacts'), { withFileTypes: true, recursive: true })
    const paths = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    expect(paths.map((path) => basename(path))).toEqual(['table.txt', 'table.txt'])
    expect(await Promise.all(paths.sort().map((path) => readFile(path, 'utf8')))).toEqual(['second', 'first'])
    const { files: listed } = parse(await readFile(join(store, run.id, 'input_artifacts.yml'), 'utf8'))
    expect(listed.source).toHaveLength(2)
  })

  it('names the spec whose file is missing, and writes nothing', async () => {
    const store = await temporaryFolder()
    const specs = [{ base: 1 }, { base: 1, source: '/no/such/file.epw' }]
    await expect(
      new BaseExperiment({ runnable: profile, store }).allocate(specs, await oneSlot()),
    ).rejects.toMatchObject({
      code: 'FILE_MISSING',
      row: 1,
      field: 'source',
      path: '/no/such/file.epw',
      message: 'The file of row 1, field source, cannot be read: /no/such/file.epw is not there.',
    })
    expect(await listRuns(await openStore(store), 'scythe_experiment_profile')).toEqual([])
  })

  it.each([
    [{ batch: 0 }, /batch to be a whole number of 1 or more, got 0/],
    [{ recursionMap: { factor: 0 } }, /recursionMap.factor/],
    [{ recursionMap: { factor: 2, maxDepth: 11 } }, /maxDepth to be a whole number from 0 to 10, got 11/],
    [{ version: 'newest' }, /version to be v1.2.3, bumpmajor/],
  ])('rejects %j', async (options, message) => {
    const store = await temporaryFolder()
    const allocated = new BaseExperiment({ runnable: failing, store }).allocate([{ n: 1 }], {
      ...(await oneSlot()),
      ...options,
    })
    await expect(allocated).rejects.toThrow(message)
  })

  it('names the label that no worker has', async () => {
    const { ExperimentRegistry, ScytheWorkerLabel } = await import('../../src/index.js')
    const { z } = await import('zod')
    const gpu = ExperimentRegistry.register({
      name: 'needs_gpu',
      input: z.object({ n: z.int() }),
      output: z.object({ m: z.int() }),
      desiredWorkerLabels: ScytheWorkerLabel.HAS_GPU.workerLabel,
    })(({ n }) => ({ m: n }))
    const store = await temporaryFolder()
    await expect(
      new BaseExperiment({ runnable: gpu, store }).allocate([{ n: 1 }], await oneSlot()),
    ).rejects.toMatchObject({
      code: 'LABEL_MISSING',
      labels: ['has_gpu'],
    })
  })
})
