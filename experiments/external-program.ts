// A simulation that is somebody else's program: it reads a file, writes a file, and knows nothing of experiments.
// Shows: a program run in the spec's own folder, ended when the time limit is over, its file taken as an output.
// The program is awk, which every Linux and macOS has; put your own in its place.

import { type ExperimentContext, ExperimentRegistry, fileReference } from 'scythe-engine'
import { z } from 'zod'
import { simulateOscillator } from './external-program/oscillator.js'

const input = z.object({
  mass: z.number().positive().describe('[kg]'),
  damping: z.number().min(0).describe('[N s/m]'),
  stiffness: z.number().positive().describe('[N/m]'),
  displacement: z.number().describe('From which the mass is let go [m]'),
  duration: z.number().positive().describe('[s]'),
  steps: z.int().min(1).max(10_000_000),
})

const output = z.object({
  final_position: z.number().describe('[m]'),
  largest_overshoot: z.number().describe('How far it swings to the other side [m]'),
  trajectory: fileReference().describe('CSV of time [s], position [m] and velocity [m/s]'),
})

export const dampedOscillator = ExperimentRegistry.register({ input, output, executionTimeout: '1m' })(
  async function dampedOscillator(spec: z.infer<typeof input>, ctx: ExperimentContext) {
    return simulateOscillator(spec, ctx.tempdir, ctx.signal)
  },
)
