import { ExperimentRegistry } from 'scythe-engine'
import { z } from 'zod'
import { work } from './burn.js'

/** Three columns in, three out, and nothing done. */
export const noop = ExperimentRegistry.register({
  input: z.object({ x: z.number(), n: z.int(), mode: z.string() }),
  output: z.object({ y: z.number(), k: z.int(), label: z.string() }),
})(function noop(spec) {
  return { y: spec.x, k: spec.n, label: spec.mode }
})

/** Takes a processor for about 20 ms. */
export const burn = ExperimentRegistry.register({
  input: z.object({ n: z.int() }),
  output: z.object({ x: z.number() }),
})(function burn({ n }) {
  return { x: work(n) }
})
