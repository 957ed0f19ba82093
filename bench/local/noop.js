import { ExperimentRegistry } from 'scythe-engine'
import { z } from 'zod'

/** Three columns in, three out, and nothing done. */
export const noop = ExperimentRegistry.register({
  input: z.object({ x: z.number(), n: z.int(), mode: z.string() }),
  output: z.object({ y: z.number(), k: z.int(), label: z.string() }),
})(function noop(spec) {
  return { y: spec.x, k: spec.n, label: spec.mode }
})

/** Burns a processor for a while. */
export const burn = ExperimentRegistry.register({
  input: z.object({ n: z.int(), ms: z.number() }),
  output: z.object({ turns: z.int() }),
})(function burn({ ms }) {
  const end = process.cpuUsage().user + ms * 1000
  let turns = 0
  while (process.cpuUsage().user < end) turns += 1
  return { turns }
})
