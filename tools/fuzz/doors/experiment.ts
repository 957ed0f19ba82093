import { z } from 'zod'
import { compileExperiment } from '../../../src/experiment/compile.js'
import type { Experiment } from '../../../src/experiment/experiment.js'

/** Has a field of every kind, so that all that converts and checks values is reached. */
export const EXPERIMENT: Experiment = compileExperiment(
  {
    name: 'fuzzed',
    input: z.object({
      n: z.int(),
      rate: z.number().optional(),
      place: z.string().nullish(),
      wet: z.boolean().default(false),
      when: z.date().optional(),
      day: z.iso.date().optional(),
      city: z.enum(['denver', 'tucson']).optional(),
      big: z.int64().optional(),
      mode: z.literal([1, 'auto']).optional(),
      list: z.array(z.number()).optional(),
      wall: z.object({ thick: z.number(), of: z.array(z.string()) }).optional(),
      any: z.unknown().optional(),
    }),
    output: z.object({ y: z.number() }),
    tables: { hours: z.object({ load: z.number() }) },
  },
  async () => ({ y: 1, tables: { hours: [] } }),
  'file:///fuzzed.js',
)

/** Rows that fit. */
export const ROWS: readonly Record<string, unknown>[] = [
  { n: 1, rate: 2.5, place: 'Tucson, AZ', wet: true, day: '2026-01-31', city: 'denver', mode: 'auto' },
  { n: -2, rate: 1e-7, place: 'say "hi"\nthere', when: '2026-01-31T12:00:00Z', list: [1, 2.5], mode: 1 },
  { n: 3, place: null, wall: { thick: 0.3, of: ['brick', 'größe'] }, any: [1, { a: null }] },
  { n: 9007199254740991, rate: 0, place: '', wet: false, big: 12, any: 'text' },
]
