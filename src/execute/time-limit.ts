/**
 * Returns the interval in ms at which to check whether an attempt exceeds its limit: a tenth of the
 * limit, between 20 and 200 ms.
 */
export function pollMs(limit: number): number {
  return Math.min(Math.max(limit / 10, 20), 200)
}

/**
 * Returns the time in ms after its limit in which a function that was told to stop may still
 * return, before its process is killed: a tenth of the limit, between 1 and 5 s.
 */
export function graceMs(limit: number): number {
  return Math.min(Math.max(limit / 10, 1000), 5000)
}

/**
 * Time limit in ms above which an attempt is not repeated to confirm that the spec itself was the
 * cause.
 */
export const DEAR_MS = 600_000

/**
 * Time in ms after which a process is considered stalled if it is between two attempts and waits
 * for nothing.
 */
export const STALL_MS = 5_000

/**
 * Time limit in ms below which the start of each attempt must be known at once. Above it, the start
 * may be known a little later.
 */
export const SHORT_MS = 5_000
