import { setTimeout as sleep } from 'node:timers/promises'
import { type Deferred, deferred } from '../../../async/promises.js'
import { isRefusal } from '../../../scatter/errors.js'
import type { TaskEnd, TaskHandle } from '../../../scatter/task.js'

/**
 * Pause between a refusal and the next attempt, in ms. The engine takes 5 s to apply a worker's
 * changed labels.
 */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
/** Time in ms after a task's start within which a worker refuses it. */
const REFUSED_WITHIN = 3_000

interface Turn {
  readonly handle: TaskHandle
  /** Resolves when there is another turn, or when there will be none. */
  readonly over: Deferred<void>
  isRefused: boolean
}

/**
 * Returns a handle on a child that is spawned again for another worker if one refuses it, for as
 * long as it takes. This uses none of the engine's own retries.
 */
export function untilTaken(spawn: (refused: number) => TaskHandle, signal: AbortSignal): TaskHandle {
  const take = (refused: number): Turn => ({ handle: spawn(refused), over: deferred(), isRefused: false })
  let turn = take(0)

  async function run(): Promise<TaskEnd> {
    for (let refused = 1; ; refused++) {
      const { handle, over } = turn
      const end = await handle.done
      try {
        if (end.status !== 'failed' || !isRefusal(end.error)) return end
        turn.isRefused = true
        const pause = Math.min(FIRST_PAUSE * 2 ** (refused - 1), LONGEST_PAUSE)
        await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal })
        turn = take(refused)
      } catch {
        // The fan has ended or was stopped.
        return end
      } finally {
        over.resolve()
      }
    }
  }

  return {
    done: run(),
    async started() {
      for (;;) {
        const { handle, over } = turn
        await handle.started()
        await Promise.race([over.promise, sleep(REFUSED_WITHIN, undefined, { ref: false })])
        if (turn.handle !== handle) continue
        if (!turn.isRefused) return
        await over.promise
        if (turn.handle === handle) return
      }
    },
    cancel: () => turn.handle.cancel(),
  }
}
