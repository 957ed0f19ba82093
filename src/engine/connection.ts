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

/**
 * The file in which a process that started an engine stores the connection, for other processes in
 * the same folder.
 */
const FILE = '.scythe/engine.json'

const connectionSchema = z.object({
  token: z.string(),
  /** `host:port` of the gRPC endpoint, without TLS. */
  grpcAddress: z.string(),
  apiUrl: z.string(),
  /** Id of the process that started the engine. The engine ends with that process. */
  pid: z.number().int().min(1),
  /** Distinguishes that process from any other process with the same id, here or elsewhere. */
  mark: z.string().min(1),
})

/**
 * The connection to an engine that the environment's `HATCHET_CLIENT_…` variables do not describe.
 */
export type Connection = Omit<z.infer<typeof connectionSchema>, 'pid' | 'mark'>

/** Whether this process has stored a connection. */
let left = false

/**
 * Returns the connection to the engine that a process started from this folder, as long as that
 * process runs. A folder may come from anywhere, and the engine that its file names would receive
 * every task: so the file counts only if no other user could have written it. Throws
 * `EngineUnavailableError` if the file belongs to this user and cannot be read.
 */
export function readConnection(): Connection | undefined {
  try {
    const text = readOwn()
    if (text === undefined) return undefined
    const { pid, mark, ...connection } = connectionSchema.parse(JSON.parse(text))
    // The file came with a copy of the folder, or the process has exited and another one may have
    // its id.
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

/**
 * Stores the connection. The file contains a token, so only this user can read it. It is written
 * atomically.
 */
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

/** Returns the file's text if the file belongs to this user and nobody else can open it. */
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
