/** How fast specs are done: over the last seconds, since a run's first specs say little of its later ones. */
export interface Meter {
  /** Notes how many are done at a time in ms. */
  note(done: number, time: number): void
  /** A second; `undefined` where nothing can be said yet. */
  rate(): number | undefined
}

const WINDOW_MS = 15_000

export function createMeter(): Meter {
  const samples: { done: number; time: number }[] = []
  return {
    note(done, time) {
      samples.push({ done, time })
      while (samples.length > 2 && samples[1]!.time < time - WINDOW_MS) samples.shift()
    },
    rate() {
      const [first] = samples
      const last = samples.at(-1)
      if (!first || !last || last.done === first.done || last.time === first.time) return undefined
      return ((last.done - first.done) * 1000) / (last.time - first.time)
    },
  }
}
