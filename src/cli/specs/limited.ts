import { type PlacedSpecs, placed, placeOf } from '../../run/spec-place.js'

/** Returns the first `limit` specs. Nothing behind them is read. */
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
