/** The engine's view of a worker. */
export interface Observation {
  /** Why the engine did not answer. Absent if it did. */
  readonly away?: string
  /**
   * The worker's status: `ACTIVE`, `INACTIVE` or `PAUSED`; `UNKNOWN` if the engine does not know
   * the worker, or no longer accepts its token.
   */
  readonly status?: string
  /**
   * Number of tasks that the engine counts as in flight on the worker but that the worker does not
   * have.
   */
  readonly surplus: number
}

/**
 * Tracks the liveness of a worker from the engine's view, based on past observations. All times are
 * in ms.
 */
export interface WorkerLiveness {
  observe(seen: Observation, now: number): void
  /** Returns the reasons why the engine sends the worker no tasks. */
  problems(now: number): string[]
  /**
   * Returns whether the engine, which considers the worker active, has assigned it tasks that never
   * arrived.
   */
  missesWork(now: number): boolean
  /** Returns whether the engine has given up the worker for longer than a reconnect can take. */
  lost(now: number): boolean
}

/**
 * Time in ms for which a task that the engine counts but the worker does not have may still be in
 * transit.
 */
const ON_ITS_WAY_MS = 10_000
/**
 * Time in ms within which a broken stream reconnects once the engine is reachable, and the engine
 * has processed the events sent meanwhile: a restarted engine needs a minute for that.
 */
const LOST_MS = 90_000
/**
 * Maximum time in ms that gRPC waits before it reconnects. It waits for less time than the outage
 * lasted.
 */
const BACKOFF_MS = 144_000

/**
 * Creates a liveness tracker. `comesBack`: whether an unavailable engine may become available
 * again.
 */
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
      // A paused worker is expected to be resumed.
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
