import { setImmediate } from 'node:timers/promises'
import { createHeed } from '../async/promises.js'
import type { Specs } from './spec-intake.js'
import { type PlacedSpecs, placed, placeOf } from './spec-place.js'

/**
 * Number of specs taken before others have a turn, so that the abort of the signal can be noticed
 * at all.
 */
const AT_ONCE = 1000

/** Returns specs that end with the signal's reason as soon as it aborts, even while they wait. */
export function abortable(specs: Specs, signal: AbortSignal): PlacedSpecs {
  let taken = 0
  async function* each() {
    const source = Symbol.iterator in specs ? specs[Symbol.iterator]() : specs[Symbol.asyncIterator]()
    const heed = createHeed(signal)
    try {
      for (;;) {
        const next = source.next()
        const { done, value } = 'then' in next ? await heed(next) : next
        if (done) return
        yield value
        taken += 1
        if (taken % AT_ONCE === 0) await heed(setImmediate())
      }
    } finally {
      const closing = Promise.resolve(source.return?.())
      // A source that waits for more specs does not close before they come.
      if (signal.aborted) closing.catch(() => {})
      else await closing
    }
  }
  return placed(each(), () => placeOf(specs, taken))
}
