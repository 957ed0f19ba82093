import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { EngineUnavailableError } from './errors.js'

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

/** Whether this process has left one. */
let left = false

/** The way to the engine that a process started from this folder, while that runs. Throws `EngineUnavailableError` for a file that cannot be read. */
export function readConnection(): Connection | undefined {
  try {
    const { pid, ...connection } = connectionSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')))
    // In a container that is started again, processes have the ids of those before them.
    const isThere = pid === process.pid ? left : isRunning(pid)
    return isThere ? connection : undefined
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : message
    throw new EngineUnavailableError(
      'embedded',
      `the way to it, ${FILE}, cannot be read (${reason}). Remove the file, or set SCYTHE_ENGINE=local or HATCHET_CLIENT_TOKEN.`,
      { cause },
    )
  }
}

/** It holds a token: for this user alone. Whoever reads it meanwhile finds all of it or none. */
export function leaveConnection({ token, grpcAddress, apiUrl }: Connection): void {
  const unfinished = `${FILE}.${process.pid}`
  mkdirSync(dirname(FILE), { recursive: true })
  rmSync(unfinished, { force: true })
  writeFileSync(unfinished, JSON.stringify({ token, grpcAddress, apiUrl, pid: process.pid }), { mode: 0o600 })
  renameSync(unfinished, FILE)
  left = true
  process.once('exit', removeConnection)
}

export function removeConnection(): void {
  if (left) rmSync(FILE, { force: true })
  left = false
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
