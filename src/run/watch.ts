import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine, Needs } from '../engine/engine.js'
import { type RunReceipt, readRunReceipt } from '../scatter/finish.js'
import type { Store } from '../store/store.js'
import type { Counts } from './count-receipts.js'
import { unmetRequirements } from './lacking.js'
import type { ProgressTeller } from './progress.js'

/** Interval between two reads of the store, in ms. */
const LOOK_MS = 2_000
/**
 * Factor of the pause after a slow look: a run of very many receipts takes long to look at, so the
 * pause is at least this many times as long.
 */
const REST = 4
/**
 * Interval at which the engine is asked for unmet requirements while there is no progress, in ms.
 */
const ASK_MS = 5_000

type Look = (signal: AbortSignal) => Promise<void>

/**
 * Resolves with the run's receipt once it is stored: an engine's notification may be lost. Calls
 * `look` between reads. Keeps the process running until then, or until `signal` aborts, since
 * nothing else would if the engine is unreachable.
 */
export async function untilReceipt(folder: Store, look: Look | undefined, signal: AbortSignal): Promise<RunReceipt> {
  for (;;) {
    const begun = Date.now()
    const receipt = await readRunReceipt(folder).catch(() => undefined)
    if (receipt) return receipt
    // The next look may succeed.
    await look?.(signal).catch(() => {})
    await sleep(Math.max(LOOK_MS, (Date.now() - begun) * REST), undefined, { signal })
  }
}

/**
 * Returns a look at a run whose tasks are elsewhere. It counts receipts and, if their number does
 * not grow, asks for unmet requirements.
 */
export function createLook(engine: Engine, needs: Needs, count: () => Promise<Counts>, progress: ProgressTeller): Look {
  let { done } = progress.now
  let askAt = 0
  return async (signal) => {
    progress.counted(await count())
    const moved = progress.now.done !== done
    done = progress.now.done
    if (moved) askAt = Date.now() + ASK_MS
    if (Date.now() < askAt) return
    askAt = Date.now() + ASK_MS
    const lacking = await unmetRequirements(engine, needs)
    if (!signal.aborted) progress.waiting(lacking)
  }
}
