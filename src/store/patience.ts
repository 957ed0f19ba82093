import { setMaxListeners } from 'node:events'
import { formatDuration } from '../settings/duration.js'
import { storagePatience } from '../settings/storage.js'
import { StoreUnusableError } from './errors.js'
import { beginTrouble, noteAnswer } from './troubles.js'

/** How long one request to a store is retried while the store is unavailable. */
export interface Patience {
  /** Time limit for retries in ms, from the first failure on. 0: a request is made once. */
  readonly limit: number
  /**
   * Whether refusals are retried, too, if the store answered this process before: credentials,
   * clocks and policies can fail for a moment. Default: false.
   */
  readonly refusals?: boolean
  /** Ends every wait when it aborts. A request in flight then has one second to end. */
  readonly signal?: AbortSignal
}

/**
 * The patience of interactive requests, and of the first request to a store: 10 s, so that a fault
 * is reported soon.
 */
export const BRIEF: Patience = { limit: 10_000 }
/** The patience of requests that several callers share, each of which does its own retries. */
export const NONE: Patience = { limit: 0 }

/** Returns the patience of a run in progress: `SCYTHE_STORAGE_PATIENCE`. */
export function enduring(signal?: AbortSignal): Patience {
  return { limit: storagePatience(process.env), refusals: true, ...(signal && { signal }) }
}

/**
 * Runs some work on a store, and retries it while the store is unavailable, until the time limit.
 */
export type Attempt = <T>(work: () => Promise<T>) => Promise<T>

/**
 * The limit of the first pause, in ms; it doubles up to the longest one. Each pause is random, so
 * that waiting clients do not all return at once.
 */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** The time that a request in flight has to end after its signal aborts, in ms. */
const GRACE_MS = 1_000

/** Requests that nobody waits for any more, and that may still succeed. */
const late = new Set<Promise<unknown>>()

/**
 * Returns a promise that settles when all requests that were abandoned on an abort have ended.
 * Returns `undefined` if there are none.
 */
export function lateWork(): Promise<unknown> | undefined {
  return late.size > 0 ? Promise.allSettled(late) : undefined
}

/**
 * Stores that have answered this process. If such a store refuses a request, it granted others
 * before.
 */
const open = new Set<string>()

/** Creates the function that retries requests. `store` is the address of the store. */
export function createAttempt(store: string, { limit, refusals = false, signal }: Patience): Attempt {
  // Every request in flight listens to the signal.
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

/**
 * Returns a pause with full jitter: a random time whose upper limit doubles each time. A request is
 * not retried earlier than the server asks.
 */
function pauseOf(tries: number, retryAfter = 0): number {
  const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 20))
  return retryAfter + Math.random() * most
}

/** Waits for `ms` milliseconds. Resolves early if the signal aborts. */
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
