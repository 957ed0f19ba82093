import { totalmem } from 'node:os'

/** What all processes of a pool may take of the machine, the rest being for the system and the pool's own process. */
const SHARE = 0.8

/** Bytes that one of `slots` processes may take, where its experiment says nothing: of the machine's memory, or of the container's. */
export function memoryShare(slots: number): number {
  const limit = process.constrainedMemory() || Infinity
  return Math.floor((Math.min(totalmem(), limit) * SHARE) / slots)
}
