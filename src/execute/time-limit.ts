/** How often to look whether a try is over its limit (ms): a fraction of it, within reason. */
export function pollMs(limit: number): number {
  return Math.min(Math.max(limit / 10, 20), 200)
}

/** How long (ms) after its limit a function that was told may still end by itself, before its process is ended. */
export function graceMs(limit: number): number {
  return Math.min(Math.max(limit / 10, 1000), 5000)
}
