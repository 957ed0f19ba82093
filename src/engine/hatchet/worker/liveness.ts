/** What the engine says of a worker. */
export interface Observation {
  /** Why the engine did not say anything. */
  readonly away?: string
  /** `ACTIVE`, `INACTIVE` or `PAUSED`; `UNKNOWN` where it knows no such worker, or does not accept its token any more. */
  readonly status?: string
  /** Tasks that the engine counts in the worker's hands beyond those that it has. */
  readonly surplus: number
}

/** How a worker stands with its engine, by what was seen of it so far. All times are in ms. */
export interface WorkerLiveness {
  observe(seen: Observation, now: number): void
  /** Why the engine gives it no work. */
  problems(now: number): string[]
  /** Whether the engine, which counts it as active, has sent it work that is on its way no more. */
  missesWork(now: number): boolean
  /** Whether the engine has given the worker up for longer than one that comes back by itself needs. */
  lost(now: number): boolean
}

/** Work that the engine counts and the worker has not: for so long it may be on its way. */
const ON_ITS_WAY_MS = 10_000
/**
 * A stream that broke is there again within this, once the engine can be reached, and the engine has taken up what it was told meanwhile:
 * one that starts anew needs a minute for that.
 */
const LOST_MS = 90_000
/** gRPC waits before it connects again: for less than the outage lasted, and for 144 s at most. */
const BACKOFF_MS = 144_000

/** `comesBack`: whether an engine that is away may be there again later. */
export function createLiveness(comesBack: boolean): WorkerLiveness {
  let last: Observation = { surplus: 0 }
  let surplusSince: number | undefined
  let troubledSince: number | undefined
  let givenUpSince: number | undefined

  function notFed(): string | undefined {
    const { away, status } = last
    if (away !== undefined) return `the engine does not answer: ${away}`
    if (status !== undefined && status !== 'ACTIVE') return `the engine counts this worker as ${status.toLowerCase()}`
    return undefined
  }

  function missesWork(now: number): boolean {
    return notFed() === undefined && surplusSince !== undefined && now - surplusSince >= ON_ITS_WAY_MS
  }

  function problem(now: number): string | undefined {
    if (missesWork(now)) return `the engine counts ${last.surplus} more tasks in this worker's hands than it has`
    return notFed()
  }

  return {
    missesWork,
    observe(seen, now) {
      last = seen
      surplusSince = seen.surplus > 0 ? (surplusSince ?? now) : undefined
      const troubled = problem(now) !== undefined
      troubledSince = troubled ? (troubledSince ?? now) : undefined
      // Whoever paused it will let it go on.
      const passes = seen.status === 'PAUSED' || (seen.away !== undefined && comesBack)
      givenUpSince = troubled && !passes ? (givenUpSince ?? now) : undefined
    },
    problems(now) {
      const found = problem(now)
      return found === undefined ? [] : [found]
    },
    lost(now) {
      if (troubledSince === undefined || givenUpSince === undefined) return false
      const outage = Math.min(givenUpSince - troubledSince, BACKOFF_MS)
      return now - givenUpSince >= LOST_MS + outage
    },
  }
}
