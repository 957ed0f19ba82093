import type { Channel } from './channel.js'
import type { Recorder } from './recorder.js'

/** How finished rows leave the process: soon, in order, and no faster than they are taken. */
export interface RowFlusher {
  /** Whether rows should leave now. */
  readonly isDue: boolean
  /** Lets all rows leave, when there is room. */
  flush(): Promise<void>
  /** Lets them leave if there is room at once. */
  tryFlush(): void
  /** Lets them leave, room or not: the process ends. */
  flushNow(): void
}

/** When the process dies, what it did in this time is done again. */
const LEAVE_MS = 750
const now = performance.now.bind(performance)

/** @param signal aborts when the batch is stopped: its rows are nobody's then */
export function createRowFlusher(recorder: Recorder, channel: Channel, signal: AbortSignal): RowFlusher {
  let leftAt = now()

  function flushNow(): void {
    leftAt = now()
    if (recorder.specs > 0 && !signal.aborted) channel.sendRows(recorder.take())
  }

  function tryFlush(): void {
    if (channel.hasRoom) flushNow()
  }

  return {
    get isDue() {
      return recorder.isFull || now() - leftAt > LEAVE_MS
    },
    async flush() {
      if (!channel.hasRoom) await channel.room()
      flushNow()
    },
    tryFlush,
    flushNow,
  }
}
