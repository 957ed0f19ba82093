import type { Channel } from './channel.js'
import type { Recorder } from './recorder.js'

/** How finished rows leave the process: soon, in order, and no faster than they are taken. */
export interface Outlet {
  /** Whether rows should leave now. */
  readonly isDue: boolean
  /** Lets all rows leave, when there is room. */
  leave(): Promise<void>
  /** Lets them leave if there is room at once. */
  offer(): void
}

/** When the process dies, what it did in this time is done again. */
const LEAVE_MS = 750

export function createOutlet(recorder: Recorder, channel: Channel): Outlet {
  let leftAt = performance.now()

  function offer(): void {
    if (!channel.hasRoom) return
    leftAt = performance.now()
    if (recorder.specs > 0) channel.sendRows(recorder.take())
  }

  return {
    get isDue() {
      return recorder.isFull || performance.now() - leftAt > LEAVE_MS
    },
    async leave() {
      await channel.room()
      offer()
    },
    offer,
  }
}
