/** A store whose requests are being retried. */
export interface Trouble {
  /** The address of the store. */
  readonly store: string
  /** The reason of the last failure: `503 SlowDown`, `ENOSPC`. */
  readonly reason: string
  /** The time of the first failure, as `Date.now()` counts. */
  readonly since: number
}

/**
 * A callback that runs once when requests to a store begin to be retried, and once when that is
 * over. `answered` tells whether the store is back or the requests were given up.
 */
export type TroubleListener = (trouble: Trouble, over: false | { readonly answered: boolean }) => void

/**
 * The time before a failure is reported, in ms. Most requests that fail now and then succeed at the
 * next attempt.
 */
const TOLD_AFTER_MS = 2_000

interface Known extends Trouble {
  reason: string
  requests: number
  isTold: boolean
  /**
   * Whether the store has answered a request since its last failure. If so, a request that gives up
   * later does not mean that the store is unavailable.
   */
  hasAnswered: boolean
}

const troubles = new Map<string, Known>()
const listeners = new Set<TroubleListener>()

/**
 * Calls `listener` from now on, for all stores of this process. Returns a function that removes the
 * listener.
 */
export function listenToTroubles(listener: TroubleListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Returns the stores whose requests are being retried now. */
export function currentTroubles(): Trouble[] {
  return [...troubles.values()].filter(({ isTold }) => isTold)
}

/** Records that a store has answered a request, at once or after retries. */
export function noteAnswer(store: string): void {
  const known = troubles.get(store)
  if (known) known.hasAnswered = true
}

/** Records that a request waits for its store. */
export function beginTrouble(store: string) {
  const begun = Date.now()
  const known: Known = troubles.get(store) ?? {
    store,
    reason: '',
    since: begun,
    requests: 0,
    isTold: false,
    hasAnswered: false,
  }
  troubles.set(store, known)
  known.requests += 1
  return {
    /** Records a further failure. Returns how long the request has waited, in ms. */
    failed(reason: string): number {
      known.reason = reason
      known.hasAnswered = false
      const waited = Date.now() - begun
      if (!known.isTold && waited >= TOLD_AFTER_MS) {
        known.isTold = true
        tell(known, false)
      }
      return waited
    },
    /** Records that the request waits no more, whether it succeeded or not. */
    ended() {
      known.requests -= 1
      if (known.requests > 0) return
      troubles.delete(store)
      if (known.isTold) tell(known, { answered: known.hasAnswered })
    },
  }
}

function tell(trouble: Trouble, over: Parameters<TroubleListener>[1]): void {
  for (const listener of listeners) listener(trouble, over)
}

/** Returns the trouble as a message for the operator of the process. */
export function troubleText({ store, reason, since }: Trouble, over: Parameters<TroubleListener>[1]): string {
  if (!over) return `${store} is away (${reason}): waiting for it`
  const seconds = Math.round((Date.now() - since) / 1000)
  return over.answered
    ? `${store} is back after ${seconds} s`
    : `${store} is not waited for any longer, after ${seconds} s (${reason})`
}
