import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { problemText } from '../experiment/parse.js'
import { log } from '../settings/log.js'
import { markOf } from '../settings/processes.js'
import { EngineUnavailableError } from './errors.js'

/** Where a process that started an engine leaves the way to it, for others that are started in the same folder. */
const FILE = '.scythe/engine.json'

const connectionSchema = z.object({
  token: z.string(),
  /** `host:port` of its gRPC, in plain text. */
  grpcAddress: z.string(),
  apiUrl: z.string(),
  /** The process that started it, with which it ends. */
  pid: z.number().int().min(1),
  /** Tells that process from any other that has the same id, here or elsewhere. */
  mark: z.string().min(1),
})

/** The way to an engine that the environment's `HATCHET_CLIENT_…` variables do not name. */
export type Connection = Omit<z.infer<typeof connectionSchema>, 'pid' | 'mark'>

/** Whether this process has left one. */
let left = false

/**
 * Returns the way to the engine that a process started from this folder, while that runs. A folder may come from anywhere, and a file in it
 * that names an engine would be sent every task: so it counts only if no other could have written it. Throws `EngineUnavailableError` for
 * a file of this user's that cannot be read.
 */
export function readConnection(): Connection | undefined {
  try {
    const text = readOwn()
    if (text === undefined) return undefined
    const { pid, mark, ...connection } = connectionSchema.parse(JSON.parse(text))
    // It came with a copy of the folder, or the process is gone: another may have its id by now.
    if (markOf(pid) !== mark) return undefined
    const { grpcAddress, apiUrl } = connection
    if (isLoopback(`http://${grpcAddress}`) && isLoopback(apiUrl)) return connection
    return passOver(`it names an engine on another machine (${grpcAddress}, ${apiUrl})`)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'ELOOP') return passOver('it is a link')
    const reason = cause instanceof z.ZodError ? problemText(cause, undefined) : message
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
  const { pid } = process
  mkdirSync(dirname(FILE), { recursive: true })
  rmSync(unfinished, { force: true })
  const text = JSON.stringify({ token, grpcAddress, apiUrl, pid, mark: markOf(pid) })
  writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx' })
  renameSync(unfinished, FILE)
  left = true
  process.once('exit', removeConnection)
}

export function removeConnection(): void {
  if (left) rmSync(FILE, { force: true })
  left = false
}

/** The file's text, if it is this user's and closed to all others. */
function readOwn(): string | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  const file = openSync(FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const found = fstatSync(file)
    const user = process.geteuid?.()
    if (!found.isFile()) return passOver('it is not a file')
    if (user !== undefined && found.uid !== user) return passOver('it belongs to another user')
    if (user !== undefined && (found.mode & 0o777) !== 0o600)
      return passOver('others may open it (its mode is not 600)')
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function passOver(reason: string): undefined {
  log.warn(`${FILE} is passed over: ${reason}. Remove it if no worker of yours left it there.`)
  return undefined
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
