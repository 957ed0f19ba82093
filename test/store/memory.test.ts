import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { unknownVariables } from '../../src/cli/unknown-variables.js'
import { environmentOfSpecs } from '../../src/execute/pool/environment.js'
import { BaseExperiment, listRuns, localEngine, openRun, openStore } from '../../src/index.js'
import { servedStores } from '../../src/scatter/served.js'
import { BACKENDS } from '../../src/store/backends.js'
import { configuredStore, shownStorage } from '../../src/store/configured.js'
import { isStoreUri } from '../../src/store/open.js'
import { reading } from '../run/fixtures/reading.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { storeConformance } from './conformance.js'
import { memoryBackend } from './memory.js'
import { text } from './objects.js'

BACKENDS.push(memoryBackend)

let stores = 0
storeConformance('a store of a third kind', async () => openStore(`memory://conformance-${stores++}`), {
  isShared: false,
})

describe('a third kind of store, registered in one line', () => {
  it('serves a whole run with input files and output files', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'local.txt'), 'a local file')
    const elsewhere = openStore('memory://elsewhere')
    await elsewhere.put('data/remote file.txt', 'an object of another store')
    const specs = [
      { '50% größe #1': join(folder, 'local.txt'), write: 'one.txt' },
      { '50% größe #1': 'memory://elsewhere/data/remote file.txt', write: 'two.txt' },
      // As pydantic has it.
      { '50% größe #1': 'memory://elsewhere/data/remote%20file.txt', write: 'three.txt' },
      { '50% größe #1': 'memory://elsewhere/none', write: 'four.txt' },
    ]
    const engine = await localEngine({ slots: 2 })
    try {
      const experiment = new BaseExperiment({ runnable: reading, store: 'memory://runs' })
      const { run, ref } = await experiment.allocate(specs, { engine })
      expect(run.uri).toBe(`memory://runs/${run.id}`)
      expect(await ref.result()).toMatchObject({ specs: 4, results: 3, errors: 1 })
      const texts = ['a local file', 'an object of another store', 'an object of another store']
      expect((await collect(run.rows('scalars'))).map((row) => row.text)).toEqual(texts)
      const [error] = await collect(run.rows('errors'))
      expect(error).toMatchObject({
        error_code: 'FILE_UNAVAILABLE',
        error_message: expect.stringContaining('There is no object none in memory://elsewhere.'),
      })
      const store = openStore('memory://runs')
      const files = (await collect(run.rows('result_file_refs'))).map((row) => String(row['report ü%']))
      expect(await Promise.all(files.map(async (uri) => text(await store.get(store.keyOf(uri)!))))).toEqual(texts)

      expect((await listRuns(store, experiment.baseId)).map(({ id }) => id)).toEqual([run.id])
      const again = await openRun(store, run.id)
      expect(await (await again.resume({ engine })).result()).toMatchObject({ results: 3, errors: 1 })
    } finally {
      await engine.close()
    }
  })

  it('is configured by variables, which are shown and are not reported as misspelt', () => {
    const env = { SCYTHE_STORAGE_MEMORY: 'lab' }
    expect(configuredStore(env)).toBe('memory://lab')
    expect(shownStorage(env).map(({ setting, value }) => `${setting} ${value}`)).toEqual([
      'storageBackend memory',
      'storagePatience 5m',
      'storageMemory lab',
    ])
    expect(unknownVariables(env)).toEqual([])
    expect(() => configuredStore({ SCYTHE_STORAGE_BACKEND: 'memory' })).toThrow(
      'SCYTHE_STORAGE_MEMORY: expected a name where the backend is memory, got nothing',
    )
    vi.stubEnv('SCYTHE_STORAGE_MEMORY', 'lab')
    expect(new BaseExperiment({ runnable: reading }).store.uri).toBe('memory://lab')
    vi.unstubAllEnvs()
  })

  it('is served by workers, which hide its credentials from specs', async () => {
    const served = servedStores(['memory://runs'])
    await served.check('memory://runs')
    await expect(served.check('memory://other')).rejects.toMatchObject({ code: 'TASK_FORBIDDEN' })
    served.checkObject('memory://runs/specs.pq')
    expect(() => served.checkObject('memory://other/specs.pq')).toThrow(/memory:\/\/other/)
    expect(isStoreUri('memory://runs')).toBe(true)
    expect(environmentOfSpecs({ MEMORY_PASSWORD: 'secret', PATH: '/bin' }, [])).toEqual({ PATH: '/bin' })
  })

  it('is listed in messages about store addresses', () => {
    expect(() => openStore('gs://bucket')).toThrow(
      'Expected a store to be memory://name, s3://bucket/prefix, file:///folder or a path, got "gs://bucket".',
    )
  })
})
