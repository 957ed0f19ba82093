/** Under this a source of specs says where the spec that it gave last stands, in words: `line 5 of a.csv`. */
const PLACE = Symbol.for('scythe.specPlace')

/** Specs that come from something which its reader knows by lines or rows of its own. */
export type PlacedSpecs = AsyncIterable<unknown> & { readonly [PLACE]: () => string }

/** Returns these specs, which say by `place` where the one that they gave last stands. */
export function placed(specs: AsyncIterable<unknown>, place: () => string): PlacedSpecs {
  return Object.assign(specs, { [PLACE]: place })
}

/** Returns the specs as they come. `hear` is told of each, with its row, before it is passed on. */
export function heard(
  specs: Iterable<unknown> | AsyncIterable<unknown>,
  hear: (spec: unknown, row: number) => void,
): PlacedSpecs {
  let row = -1
  async function* each() {
    for await (const spec of specs) {
      row += 1
      hear(spec, row)
      yield spec
    }
  }
  return placed(each(), () => placeOf(specs, row))
}

/** Returns where the spec that was given last stands: its row, unless the specs know better. */
export function placeOf(specs: object, row: number): string {
  return (specs as Partial<PlacedSpecs>)[PLACE]?.() ?? `row ${row}`
}
