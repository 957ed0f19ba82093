import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { remoteExperiment } from '../../src/experiment/remote.js'
import type { SpecOf } from '../../src/index.js'

const input = z.object({ x: z.number(), n: z.int().default(1) })
const output = z.object({ y: z.number() })

describe('a remote experiment', () => {
  it('has the options of a registered experiment, and no function', () => {
    const experiment = remoteExperiment({
      name: 'scythe_experiment_far',
      input,
      output,
      tables: { hours: z.object({ watts: z.number() }) },
      batch: 7,
      desiredWorkerLabels: { has_gpu: { value: 'yes', required: true } },
    })
    expect(experiment).toMatchObject({ name: 'scythe_experiment_far', batch: 7, remote: true })
    expect(experiment.fn).toThrow('elsewhere')
    expectTypeOf<SpecOf<typeof experiment>>().toEqualTypeOf<{ x: number; n?: number | undefined }>()
  })

  it('requires a name, and schemas that describe values without transforming them', () => {
    expect(() => remoteExperiment({ input, output } as never)).toThrow(/expected name to be/)
    expect(() => remoteExperiment({ name: 'far', input, output, retries: 2 } as never)).toThrow(/no option retries/)
    const shouted = z.object({
      y: z.array(
        z
          .string()
          .transform((text) => text.length)
          .pipe(z.number()),
      ),
    })
    expect(() => remoteExperiment({ name: 'far', input, output: shouted })).toThrow(/output has a transform/)
  })
})
