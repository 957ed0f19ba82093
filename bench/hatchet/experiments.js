import { setTimeout } from 'node:timers/promises'
import { ExperimentRegistry } from 'scythe-engine'
import { z } from 'zod'

/** Three columns in, three out, and nothing done. */
export const noop = ExperimentRegistry.register({
  input: z.object({ x: z.number(), n: z.int(), mode: z.string() }),
  output: z.object({ y: z.number(), k: z.int(), label: z.string() }),
})(function noop(spec) {
  return { y: spec.x, k: spec.n, label: spec.mode }
})

/** Sleeps for 2 s. */
export const nap = ExperimentRegistry.register({
  input: z.object({ n: z.int() }),
  output: z.object({ k: z.int() }),
})(async function nap({ n }) {
  await setTimeout(2_000)
  return { k: n }
})
