import type { Backoff } from '../experiment/experiment.js'

/** Milliseconds to wait before the n-th retry, n from 1. */
export function backoffMs({ seconds, factor, maxSeconds }: Backoff, retry: number): number {
  return Math.min(seconds * factor ** (retry - 1), maxSeconds) * 1000
}
