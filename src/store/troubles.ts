/** A store that is waited for. */
export interface Trouble {
  /** Its address. */
  readonly store: string
  /** What it answered last: `503 SlowDown`, `ENOSPC`. */
  readonly reason: string
  /** When a request failed first, as `Date.now()` counts. */
  readonly since: number
}

/** Hears once when a store is waited for, and once when it is not any more: `answered` tells whether it is back, or was given up. */
export type TroubleListener = (trouble: Trouble, over: false | { readonly answered: boolean }) => void

/** Most that fails now and then succeeds with the next try: nothing is said of that. */
const TOLD_AFTER_MS = 2_000

interface Known extends Trouble {
  reason: string
  requests: number
  isTold: boolean
  /** Whether it has answered somebody since it failed last: who gives up after that says nothing of it. */
  hasAnswered: boolean
}

const troubles = new Map<string, Known>()
const listeners = new Set<TroubleListener>()

/** Calls `listener` from now on, for all stores of this process. Returns what ends that. */
export function listenToTroubles(listener: TroubleListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The stores that are waited for now. */
export function currentTroubles(): Trouble[] {
  return [...troubles.values()].filter(({ isTold }) => isTold)
}

/** Notes that a store has answered a request, whether that had to wait or not. */
export function noteAnswer(store: string): void {
  const known = troubles.get(store)
  if (known) known.hasAnswered = true
}

/** Notes that a request waits for its store. */
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
    /** It failed again. Returns how long it has waited, in ms. */
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
    /** It waits no more, whatever came of it. */
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

/** The same in words, for whoever looks after the process. */
export function troubleText({ store, reason, since }: Trouble, over: Parameters<TroubleListener>[1]): string {
  if (!over) return `${store} is away (${reason}): waiting for it`
  const seconds = Math.round((Date.now() - since) / 1000)
  return over.answered
    ? `${store} is back after ${seconds} s`
    : `${store} is not waited for any longer, after ${seconds} s (${reason})`
}
