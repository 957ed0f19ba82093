import { buildEngine, whyNoEngine } from '../../tools/engine/build.js'
import { type Hatchet, startHatchet } from '../../tools/engine/hatchet.js'
import { canRun } from './left-out.js'

export { type Hatchet, startHatchet }

/** Whether suites that need a Hatchet engine can run here, with its programs built; notes the suite as left out where they cannot. */
export async function hasEngine(suite: string): Promise<boolean> {
  return canRun(suite, await whyNoEngine(), buildEngine)
}
