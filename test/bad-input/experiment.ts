import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { fileReference } from '../../src/experiment/file-reference.js'

/** What the specs of this corpus are for. */
export const EXPERIMENT = compileExperiment(
  {
    name: 'walls',
    input: z.object({
      n: z.int().min(1).max(100),
      rate: z.number().min(0).max(10).optional(),
      city: z.enum(['denver', 'tucson']).default('denver'),
      when: z.date().optional(),
      day: z.iso.date().optional(),
      wet: z.boolean().optional(),
      layers: z.array(z.object({ thick: z.number().positive() })).optional(),
      weather: fileReference().optional(),
    }),
    output: z.object({ energy: z.number(), report: fileReference().optional() }),
    tables: { hours: z.object({ load: z.number() }) },
  },
  async () => ({ energy: 1, tables: { hours: [] } }),
  'file:///walls.js',
)
