/** How often to look whether a try is over its limit (ms): a fraction of it, within reason. */
export function pollMs(limit: number): number {
  return Math.min(Math.max(limit / 10, 20), 200)
}

/** How long (ms) after its limit a function that was told may still end by itself, before its process is ended. */
export function graceMs(limit: number): number {
  return Math.min(Math.max(limit / 10, 1000), 5000)
}

/** A limit beyond which an attempt is not made again to make sure that it was the spec's own doing, in ms. */
export const DEAR_MS = 600_000

/** A process that is between two attempts for so long, and waits for nothing, does not go on by itself, in ms. */
export const STALL_MS = 5_000

/** Under this limit the start of each attempt is to be known at once, in ms: else it may be known a little later. */
export const SHORT_MS = 5_000
