import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine, Needs } from '../engine/engine.js'
import { type RunReceipt, readRunReceipt } from '../scatter/finish.js'
import type { Store } from '../store/store.js'
import type { Counts } from './count-receipts.js'
import { unmetRequirements } from './lacking.js'
import type { ProgressTeller } from './progress.js'

/** Between two looks into the store, in ms. */
const LOOK_MS = 2_000
/** A run of very many receipts takes long to look at: it is left alone for so many times as long. */
const REST = 4
/** The engine is asked what is lacking this often while nothing goes on, in ms. */
const ASK_MS = 5_000

type Look = (signal: AbortSignal) => Promise<void>

/**
 * The run's receipt, once it is there: an engine's notice may be lost. `look` is what to do in between. Holds the process until then,
 * or until `signal` aborts, since of an engine that is away nothing else would.
 */
export async function untilReceipt(folder: Store, look: Look | undefined, signal: AbortSignal): Promise<RunReceipt> {
  for (;;) {
    const begun = Date.now()
    const receipt = await readRunReceipt(folder).catch(() => undefined)
    if (receipt) return receipt
    // The next look may see what this one did not.
    await look?.(signal).catch(() => {})
    await sleep(Math.max(LOOK_MS, (Date.now() - begun) * REST), undefined, { signal })
  }
}

/** A look at a run whose tasks are elsewhere: how many receipts there are, and what is lacking where they get no more. */
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
