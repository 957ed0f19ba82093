import { setImmediate } from 'node:timers/promises'
import { createHeed } from '../async/promises.js'
import type { Specs } from './spec-intake.js'
import { type PlacedSpecs, placed, placeOf } from './spec-place.js'

/** Specs that are taken before others have a turn, so that a signal is heard of at all. */
const AT_ONCE = 1000

/** Returns the same specs, which end with the signal's reason as soon as it aborts, whatever they wait for. */
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
      // A source that waits for more does not close before that comes.
      if (signal.aborted) closing.catch(() => {})
      else await closing
    }
  }
  return placed(each(), () => placeOf(specs, taken))
}
