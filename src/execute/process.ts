import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { nodeOptions } from './node-options.js'
import type { Boot, FromProcess, ToProcess } from './protocol.js'
import { createStatusFile, type Status } from './status-file.js'
import type { Thrown } from './thrown.js'
import type { Death } from './verdict.js'

/** A child process as its pool sees it. */
export interface PoolProcess {
  /** What only a like process can be used for in its stead. */
  readonly key: string
  send(message: ToProcess): void
  /** Hears its messages from now on, in the place of who did before. */
  listen(listener: (message: FromProcess) => void): void
  status(): Status
  /** Ends it with all that it started; for the sake of a time limit (ms), if one is given. */
  kill(timeLimit?: number): void
  /** Settles when it is gone, and all that it sent has been heard. */
  readonly died: Promise<Death>
  readonly isDead: boolean
  /** Removes its folder, with files that wait in it. */
  removeFolder(): Promise<void>
}

export interface ProcessOptions {
  readonly key: string
  /** What it will import: URLs. */
  readonly modules: readonly string[]
  /** Bytes. */
  readonly memory: number
  /** To be made for it. */
  readonly folder: string
  readonly poolFolder: string
  readonly worker: string
}

/** The child's entry beside this file: TypeScript where this runs from source. */
const ENTRY = fileURLToPath(import.meta.url).replace(/process\.(ts|js)$/, 'child.$1')
/** Enough for V8's last words. */
const STDERR_TAIL = 16_384
/** Output of a process that is gone is read to its end, unless something that it started holds it open. */
const LAST_OUTPUT_MS = 500

export function startProcess({ key, modules, memory, folder, poolFolder, worker }: ProcessOptions): PoolProcess {
  mkdirSync(folder, { recursive: true })
  const statusFile = join(folder, 'status')
  const status = createStatusFile(statusFile)
  const boot: Boot = { statusFile, folder, poolFolder, memory, worker, parentPid: process.pid }
  const child = fork(ENTRY, [JSON.stringify(boot)], {
    // A group of its own, so that a kill reaches what the user's code started too.
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: nodeOptions(modules, memory, process.execArgv),
  })
  const stderr = forwardOutput(child)
  letGo(child)

  let listener: (message: FromProcess) => void = () => {}
  let uncaught: Thrown | undefined
  let timeLimit: number | undefined
  let isDead = false
  let startError: Error | undefined
  child.on('message', (message: FromProcess) => {
    if (message.type === 'uncaught') uncaught = message.thrown
    else listener(message)
  })
  child.on('error', (error) => {
    startError ??= error
  })

  async function death(): Promise<Death> {
    const [exitCode, signal] = await exitOf(child)
    isDead = true
    killGroup(child)
    await lastOutput(child)
    const last = status.read()
    status.close()
    const tail = child.pid === undefined ? String(startError) : stderr()
    return { exitCode, signal, stderr: tail, status: last, timeLimit, uncaught }
  }

  return {
    key,
    died: death(),
    get isDead() {
      return isDead
    },
    send(message) {
      // Where it is gone already, its death says so.
      if (child.connected) child.send(message, () => {})
    },
    listen(next) {
      listener = next
    },
    status: () => status.read(),
    kill(limit) {
      timeLimit ??= limit
      killGroup(child)
    },
    removeFolder: () => rm(folder, { recursive: true, force: true, maxRetries: 2 }),
  }
}

/** An idle process does not keep this one running. */
function letGo(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as (Readable & { unref?(): void }) | null)?.unref?.()
}

/** Both outputs go to our stderr, since our stdout may be data. Gives the end of what came on stderr. */
function forwardOutput(child: ChildProcess): () => string {
  let tail = Buffer.alloc(0)
  child.stdout?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  child.stderr?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk)
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_TAIL)
  })
  return () => tail.toString()
}

function exitOf(child: ChildProcess): Promise<[number | null, string | null]> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]))
    if (child.pid === undefined) child.once('error', () => resolve([null, null]))
  })
}

/** Waits for the end of its messages and of its output, which may come after the exit. */
async function lastOutput(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LAST_OUTPUT_MS)
    child.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is empty.
  }
}
