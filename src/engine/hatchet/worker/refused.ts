import { setTimeout as sleep } from 'node:timers/promises'
import { type Deferred, deferred } from '../../../async/promises.js'
import { codeOf, REFUSALS } from '../../../scatter/errors.js'
import type { SpecOutcome, TaskHandle } from '../../../scatter/task.js'

/** Between a refusal and the next try, in ms. The engine takes five seconds to heed a worker's labels. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
/** A task that has begun is refused within this, in ms, if it is at all. */
const REFUSED_WITHIN = 3_000

interface Turn {
  readonly handle: TaskHandle
  /** Settles when there is another turn, or none any more. */
  readonly over: Deferred<void>
  isRefused: boolean
}

/** A child that goes on to another worker where one refuses it, for as long as it takes. None of the engine's own retries are used up. */
export function untilTaken(spawn: (refused: number) => TaskHandle, signal: AbortSignal): TaskHandle {
  const take = (refused: number): Turn => ({ handle: spawn(refused), over: deferred(), isRefused: false })
  let turn = take(0)

  async function run(): Promise<unknown> {
    for (let refused = 1; ; refused++) {
      const { handle, over } = turn
      try {
        const end = await notRefused(handle.done)
        if (end) return end.value
        turn.isRefused = true
        const pause = Math.min(FIRST_PAUSE * 2 ** (refused - 1), LONGEST_PAUSE)
        await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal })
        turn = take(refused)
      } finally {
        over.resolve()
      }
    }
  }

  const done = run()
  done.catch(() => {})
  return {
    done,
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

/** What the task came to, or nothing where its worker refused it. */
async function notRefused(done: Promise<unknown>): Promise<{ readonly value: unknown } | undefined> {
  try {
    const value = await done
    const failure = (value as Partial<{ failure: (SpecOutcome & { failure: unknown })['failure'] }> | null)?.failure
    return REFUSALS.has(codeOf(failure)) ? undefined : { value }
  } catch (error) {
    if (REFUSALS.has(codeOf(error))) return undefined
    throw error
  }
}
