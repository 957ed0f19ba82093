import { availableParallelism, totalmem } from 'node:os'
import { cgroupCpus } from './cgroup.js'

/**
 * Returns the number of CPUs that this process may use, at least 1, from its affinity and its
 * control group's quota.
 */
export function usableCpus(root?: string): number {
  const cpus = cgroupCpus(root) ?? Number.POSITIVE_INFINITY
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus)))
}

/**
 * The share of the machine's memory that all processes of a pool may use together. The rest is for
 * the system and the pool's own process.
 */
const SHARE = 0.8

/**
 * Returns the memory in bytes that each of `slots` processes may use if its experiment sets no
 * limit. It is a share of the memory of the machine or the container.
 */
export function memoryShare(slots: number): number {
  const limit = process.constrainedMemory() || Infinity
  return Math.floor((Math.min(totalmem(), limit) * SHARE) / slots)
}
