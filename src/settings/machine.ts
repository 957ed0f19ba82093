import { availableParallelism, totalmem } from 'node:os'
import { cgroupLimits } from './cgroup.js'

/** CPUs that this process may use, at least 1: by its affinity and its group's quota, whatever the host has. */
export function usableCpus(root?: string): number {
  const { cpus = Number.POSITIVE_INFINITY } = cgroupLimits(root)
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus)))
}

/** Bytes of memory that this process may use: its group's limit, else the host's memory. */
export function usableMemory(root?: string): number {
  const { memory = Number.POSITIVE_INFINITY } = cgroupLimits(root)
  return Math.min(totalmem(), memory)
}
