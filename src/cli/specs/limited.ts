import { type PlacedSpecs, placed, placeOf } from '../../run/spec-place.js'

/** Returns the first specs. Nothing is read of those behind them. */
export function limited(specs: Iterable<unknown> | AsyncIterable<unknown>, limit: number): PlacedSpecs {
  let taken = 0
  async function* first() {
    for await (const spec of specs) {
      yield spec
      if (++taken === limit) return
    }
  }
  return placed(first(), () => placeOf(specs, taken))
}
