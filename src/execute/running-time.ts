import { monotonicNow } from './status-file.js'

/** Tells how much of a time passed while nothing here could run: a stopped container, a sleeping machine, a paused terminal. */
export interface RunningTime {
  /** Milliseconds since `from` (on the clock of `monotonicNow()`) in which this process ran, or could have. */
  since(from: number): number
}

/** Between two looks at the clock, in ms. */
const TICK_MS = 250
/** A look that comes later than this was kept from coming. A busy event loop is seldom late by so much. */
const LATE_MS = 1_500
const KEPT = 64

/** Adds up the time by which looks at a clock came late. `tick` is to be called every `TICK_MS`. */
export function createRunningTime(now: () => number = monotonicNow): RunningTime & { tick(): void } {
  const stops: { readonly from: number; readonly to: number }[] = []
  let last = now()

  function tick(): void {
    const at = now()
    if (at - last > LATE_MS) stops.push({ from: last + TICK_MS, to: at })
    if (stops.length > KEPT) stops.shift()
    last = at
  }

  return {
    tick,
    since(from) {
      // Whoever asks first after a stop asks before the timer has told.
      tick()
      let stopped = 0
      for (const stop of stops) stopped += Math.max(0, stop.to - Math.max(stop.from, from))
      return last - from - stopped
    },
  }
}

let shared: (RunningTime & { tick(): void }) | undefined

/** The running time of this process. Its clock is looked at from the first call on. */
export function runningTime(): RunningTime {
  if (!shared) {
    const time = createRunningTime()
    setInterval(time.tick, TICK_MS).unref()
    shared = time
  }
  return shared
}
