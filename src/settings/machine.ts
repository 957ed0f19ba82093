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

/** What all processes of a pool may take of the machine, the rest being for the system and the pool's own process. */
const SHARE = 0.8

/** Bytes that one of `slots` processes may take, where its experiment says nothing: of the machine's memory, or of the container's. */
export function memoryShare(slots: number): number {
  const limit = process.constrainedMemory() || Infinity
  return Math.floor((Math.min(totalmem(), limit) * SHARE) / slots)
}
