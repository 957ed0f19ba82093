import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { remoteExperiment } from '../../src/experiment/remote.js'
import { BaseExperiment, localEngine } from '../../src/index.js'
import { failing } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'

const { name, input, output } = ExperimentRegistry.get(failing)
const far = remoteExperiment({ name: 'scythe_experiment_far', input: z.object({ n: z.int() }), output: z.object({}) })

describe('a remote experiment without a Hatchet engine', () => {
  it('is rejected, and writes nothing', async () => {
    const engine = await localEngine({ slots: 1 })
    onTestFinished(() => engine.close())
    const experiment = new BaseExperiment({ runnable: far, store: await temporaryFolder() })
    await expect(experiment.allocate([{ n: 1 }], { engine })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/scythe_experiment_far is a remote experiment, which needs Hatchet/),
    })
    expect(await collect(experiment.store.list(''))).toEqual([])
  })

  it('runs locally if it is registered locally', async () => {
    const engine = await localEngine({ slots: 1 })
    onTestFinished(() => engine.close())
    const experiment = new BaseExperiment({
      runnable: remoteExperiment({ name, input, output }),
      store: await temporaryFolder(),
    })
    const { ref } = await experiment.allocate([{ n: 1 }, { n: 2 }] as never, { engine })
    expect(await ref.result()).toMatchObject({ results: 2, errors: 0 })
  })

  it('requires a bucket with a prefix that others can write to', async () => {
    const local = await localEngine({ slots: 1 })
    onTestFinished(() => local.close())
    const engine = { ...local, abilities: { ...local.abilities, specTasks: true } }
    for (const store of [await temporaryFolder(), 's3://bucket']) {
      const experiment = new BaseExperiment({ runnable: far, store })
      await expect(experiment.allocate([{ n: 1 }], { engine })).rejects.toMatchObject({
        code: 'OPTION_INVALID',
        option: 'store',
      })
    }
  })
})
