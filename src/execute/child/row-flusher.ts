import type { Channel } from './channel.js'
import type { Recorder } from './recorder.js'

/**
 * Sends finished rows to the pool: soon, in order, and no faster than the pool acknowledges them.
 */
export interface RowFlusher {
  /** Whether rows should be sent now. */
  readonly isDue: boolean
  /** Sends all rows as soon as the channel has room. */
  flush(): Promise<void>
  /** Sends all rows if the channel has room now. */
  tryFlush(): void
  /** Sends all rows even if the channel has no room, because the process ends. */
  flushNow(): void
}

/** Maximum age of unsent rows, in ms. If the process dies, work of up to this time is repeated. */
const LEAVE_MS = 750
const now = performance.now.bind(performance)

/** @param signal aborts when the batch is stopped, after which its rows are no longer needed */
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
