import { monotonicNow } from './status-file.js'

/**
 * Measures time without the periods in which this process could not run: a stopped container, a
 * sleeping machine, a paused terminal.
 */
export interface RunningTime {
  /**
   * Returns the milliseconds since `from` (on the clock of `monotonicNow()`) in which this process
   * ran or could have run.
   */
  since(from: number): number
}

/** Interval between two readings of the clock, in ms. */
const TICK_MS = 250
/**
 * Delay in ms after which a reading counts as late: the process could not run. A busy event loop is
 * seldom late by this much.
 */
const LATE_MS = 1_500
const KEPT = 64

/**
 * Creates a `RunningTime` that adds up the delays of late clock readings. `tick` must be called
 * every `TICK_MS`.
 */
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
      // The first call after a stop may come before the timer has ticked.
      tick()
      let stopped = 0
      for (const stop of stops) stopped += Math.max(0, stop.to - Math.max(stop.from, from))
      return last - from - stopped
    },
  }
}

let shared: (RunningTime & { tick(): void }) | undefined

/** Returns the running time of this process. Its clock is read from the first call on. */
export function runningTime(): RunningTime {
  if (!shared) {
    const time = createRunningTime()
    setInterval(time.tick, TICK_MS).unref()
    shared = time
  }
  return shared
}
