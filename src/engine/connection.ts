import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/** Where a process that started an engine leaves the way to it, for others that are started in the same folder. */
const FILE = '.scythe/engine.json'

const connectionSchema = z.object({
  token: z.string(),
  /** `host:port` of its gRPC, in plain text. */
  grpcAddress: z.string(),
  apiUrl: z.string(),
  /** The process that started it, with which it ends. */
  pid: z.number().int(),
})

/** The way to an engine that the environment's `HATCHET_CLIENT_…` variables do not name. */
export type Connection = Omit<z.infer<typeof connectionSchema>, 'pid'>

/** The way to the engine that another process started from this folder, while that runs. */
export function readConnection(): Connection | undefined {
  try {
    const connection = connectionSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')))
    return isRunning(connection.pid) ? connection : undefined
  } catch {
    return undefined
  }
}

/** It holds a token: for this user alone, also where an older file is there. */
export function leaveConnection({ token, grpcAddress, apiUrl }: Connection): void {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, '', { mode: 0o600 })
  chmodSync(FILE, 0o600)
  writeFileSync(FILE, JSON.stringify({ token, grpcAddress, apiUrl, pid: process.pid }))
}

export function removeConnection(): void {
  rmSync(FILE, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
