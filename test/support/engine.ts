import { buildEngine, whyNoEngine } from '../../tools/engine/build.js'
import { type Hatchet, startHatchet } from '../../tools/engine/hatchet.js'
import { leftOut } from './left-out.js'

export { type Hatchet, startHatchet }

/** Whether suites that need a Hatchet engine can run here, with its programs built; notes the suite as left out where they cannot. */
export async function hasEngine(suite: string): Promise<boolean> {
  const reason = await whyNoEngine()
  if (reason) leftOut(suite, reason)
  else await buildEngine()
  return reason === undefined
}
