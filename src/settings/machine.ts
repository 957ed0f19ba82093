import { availableParallelism, totalmem } from 'node:os'
import { cgroupCpus } from './cgroup.js'

/**
 * Returns the CPUs that this process may use, at least 1, by its affinity and its group's quota.
 */
export function usableCpus(root?: string): number {
  const cpus = cgroupCpus(root) ?? Number.POSITIVE_INFINITY
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus)))
}

/**
 * The part of the machine's memory for all processes of a pool. The rest is for the system and the
 * pool's own process.
 */
const SHARE = 0.8

/**
 * Returns the bytes that one of `slots` processes may take if its experiment sets no limit: of the
 * machine, or the container.
 */
export function memoryShare(slots: number): number {
  const limit = process.constrainedMemory() || Infinity
  return Math.floor((Math.min(totalmem(), limit) * SHARE) / slots)
}
