import type { Serving } from '../engine/engine.js'
import { say } from '../settings/say.js'

const LOOK_MS = 3_000

/** Says when the engine gives the worker no more work, and when it does again. Gives what ends it. */
export function tellTrouble(serving: Pick<Serving, 'problems'>): () => void {
  let isFed = true
  const look = async () => {
    const problems = await serving.problems()
    if (isFed === (problems.length === 0)) return
    isFed = !isFed
    say(isFed ? 'the engine sends work again' : `no work comes for now: ${problems.join('; ')}`)
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  return () => clearInterval(timer)
}
