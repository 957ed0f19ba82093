import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeOptions } from './node-options.js'
import type { Boot, FromProcess, ToProcess } from './protocol.js'
import { createStatusFile, monotonicNow, type Status } from './status-file.js'
import type { Thrown } from './thrown.js'
import type { Death, Overdue } from './verdict.js'

/** A child process as its pool sees it. */
export interface PoolProcess {
  send(message: ToProcess): void
  /** Hears its messages from now on, in the place of who did before. */
  listen(listener: (message: FromProcess) => void): void
  status(): Status
  /** Ends it with all that it started. */
  kill(overdue?: Overdue): void
  /** Whether it was killed, or is gone. */
  readonly isEnding: boolean
  /** Settles when it is gone, and all that it sent has been heard. Fails where it could not be started. */
  readonly died: Promise<Death>
  /** Removes its folder, with files that wait in it. */
  removeFolder(): Promise<void>
}

export interface ProcessOptions {
  /** Bytes that specs may take. */
  readonly memory: number
  /** To be made for it, in the pool's folder. */
  readonly folder: string
  readonly poolFolder: string
  /** The worker's name. */
  readonly worker: string
}

/** The entry beside this file: TypeScript where this runs from source. */
const ENTRY = fileURLToPath(import.meta.url).replace(/process\.(ts|js)$/, 'child.$1')
/** Enough for V8's last words. */
const STDERR_TAIL = 16_384
/** What a process wrote is read to the end, unless something that it started and that escaped holds the pipe open. */
const LAST_WORDS_MS = 500

export function startProcess({ memory, folder, poolFolder, worker }: ProcessOptions): PoolProcess {
  mkdirSync(folder, { recursive: true })
  const statusFile = join(folder, 'status')
  const status = createStatusFile(statusFile)
  const boot: Boot = {
    statusFile,
    folder,
    poolFolder,
    memory,
    worker,
    parentPid: process.pid,
    argv: process.argv.slice(2),
  }
  const child = fork(ENTRY, [JSON.stringify(boot)], {
    // A group of its own, so that a kill reaches what the user's code started too.
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: nodeOptions(ENTRY, memory, process.execArgv),
  })
  const stderr = forwardOutput(child)
  letGo(child)

  let listener: (message: FromProcess) => void = () => {}
  let uncaught: Thrown | undefined
  let overdue: Overdue | undefined
  let isEnding = false
  let isGone = false
  child.on('message', (message: FromProcess) => {
    if (message.type === 'uncaught') uncaught = message.thrown
    else listener(message)
  })

  async function death(): Promise<Death> {
    const { exitCode, signal, closed } = await endOf(child).finally(() => {
      isEnding = true
      isGone = true
    })
    const at = monotonicNow()
    killGroup(child)
    await Promise.race([closed, afterMs(LAST_WORDS_MS)])
    const last = status.read()
    status.close()
    return { exitCode, signal, at, stderr: stderr(), status: last, overdue, uncaught }
  }

  return {
    died: death(),
    get isEnding() {
      return isEnding
    },
    send(message) {
      // Where it is gone already, its death tells.
      if (child.connected) child.send(message, () => {})
    },
    listen(next) {
      listener = next
    },
    status: () => status.read(),
    kill(reason) {
      if (isGone) return
      isEnding = true
      overdue ??= reason
      killGroup(child)
    },
    async removeFolder() {
      // Something that escaped may still write there. What cannot be removed now goes with the pool's folder.
      await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
    },
  }
}

/** An idle process does not keep this one running. */
function letGo(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref()
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

interface End {
  readonly exitCode: number | null
  readonly signal: string | null
  /** Settles when its messages and its output have been read too. */
  readonly closed: Promise<void>
}

function endOf(child: ChildProcess): Promise<End> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, closed }))
    child.once('error', (error) => {
      // Where it could not be started, there is no exit.
      if (child.pid === undefined) reject(error)
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

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
