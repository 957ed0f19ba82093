/**
 * The key under which a source of specs describes the place of its latest spec in words: `line 5 of
 * a.csv`.
 */
const PLACE = Symbol.for('scythe.specPlace')

/** Specs from a source that counts in lines or rows of its own. */
export type PlacedSpecs = AsyncIterable<unknown> & { readonly [PLACE]: () => string }

/** Returns these specs with a function that describes the place of the latest spec. */
export function placed(specs: AsyncIterable<unknown>, place: () => string): PlacedSpecs {
  return Object.assign(specs, { [PLACE]: place })
}

/**
 * Returns the specs as they come. `hear` receives each spec with its row, before the spec is passed
 * on.
 */
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

/**
 * Returns the place of the latest spec: its row, unless the specs describe the place themselves.
 */
export function placeOf(specs: object, row: number): string {
  return (specs as Partial<PlacedSpecs>)[PLACE]?.() ?? `row ${row}`
}
