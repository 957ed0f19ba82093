import { setMaxListeners } from 'node:events'
import { formatDuration } from '../settings/duration.js'
import { storagePatience } from '../settings/storage.js'
import { StoreUnusableError } from './errors.js'
import { beginTrouble, noteAnswer } from './troubles.js'

/** How long one request to a store is made again and again while the store is away. */
export interface Patience {
  /** In ms, from the first failure on. 0: a request is made once. */
  readonly limit: number
  /** Whether refusals are waited out too, of a store that was open to this process before: credentials, clocks and policies flicker. */
  readonly refusals?: boolean
  /** Ends every wait. What is under way then has a second to end. */
  readonly signal?: AbortSignal
}

/** Of whoever asks and sits there waiting, and of whoever comes first: what is wrong is said soon. */
export const BRIEF: Patience = { limit: 10_000 }
/** Of what others share, each of whom waits for himself. */
export const NONE: Patience = { limit: 0 }

/** Of a run that is under way: `SCYTHE_STORAGE_PATIENCE`. */
export function enduring(signal?: AbortSignal): Patience {
  return { limit: storagePatience(process.env), refusals: true, ...(signal && { signal }) }
}

/** Does some work on a store until it succeeds, as long as the store is only away and not longer than is waited for. */
export type Attempt = <T>(work: () => Promise<T>) => Promise<T>

/** Pauses grow up to this, in ms, and each is drawn anew, so that those who wait do not all come back at once. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** What a request that is under way may still take when its signal aborts, in ms. */
const GRACE_MS = 1_000

/** Requests that nobody waits for any more, and that may still be done. */
const late = new Set<Promise<unknown>>()

/** Settles when what was given up because a signal aborted has ended, too; `undefined` if nothing was. */
export function lateWork(): Promise<unknown> | undefined {
  return late.size > 0 ? Promise.allSettled(late) : undefined
}

/** Stores that have answered in this process: whom they refuse now, they let in before. */
const open = new Set<string>()

/** `store` is its address. */
export function createAttempt(store: string, { limit, refusals = false, signal }: Patience): Attempt {
  // Every request under way listens to it.
  if (signal) setMaxListeners(0, signal)

  function isWaitedOut(error: unknown): error is StoreUnusableError {
    if (!(error instanceof StoreUnusableError) || error.isFinal) return false
    return error.trouble === 'outage' || (error.trouble === 'refusal' && refusals && open.has(store))
  }

  return async (work) => {
    let trouble: ReturnType<typeof beginTrouble> | undefined
    try {
      for (let tries = 1; ; tries++) {
        signal?.throwIfAborted()
        try {
          const result = await unlessAborted(work, signal)
          open.add(store)
          noteAnswer(store)
          return result
        } catch (error) {
          signal?.throwIfAborted()
          if (!isWaitedOut(error) || limit === 0) throw error
          trouble ??= beginTrouble(store)
          const waited = trouble.failed(error.reason)
          if (waited >= limit) throw error.afterWaiting(formatDuration(Math.round(waited / 1000) * 1000))
          await pause(Math.min(pauseOf(tries, error.retryAfter), limit - waited), signal)
        }
      }
    } finally {
      trouble?.ended()
    }
  }
}

/** Full jitter: anything up to twice as much as the time before. A server that says when to come back is not asked earlier. */
function pauseOf(tries: number, retryAfter = 0): number {
  const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 20))
  return retryAfter + Math.random() * most
}

/** Ends early when the signal aborts. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}

async function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work()
  let timer: NodeJS.Timeout | undefined
  let abort = () => {}
  const working = work()
  const giveUp = () => {
    const ended = working.catch(() => {}).finally(() => late.delete(ended))
    late.add(ended)
  }
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => {
      timer = setTimeout(() => {
        giveUp()
        reject(signal.reason)
      }, GRACE_MS)
    }
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([working, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
    clearTimeout(timer)
  }
}
