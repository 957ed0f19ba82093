import { fork, type ChildProcess as NodeChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ENDING, OWN } from '../../own.js'
import { hasTsx, secureTypeScriptCache } from '../module/typescript.js'
import type { Boot, FromProcess, LastWord, ToProcess } from '../protocol.js'
import { createStatusFile, monotonicNow, Phase, type Status } from '../status-file.js'
import { endEscaped, marked } from './escaped.js'
import type { EndReason, ProcessExit } from './exit-cause.js'
import { nodeOptions } from './node-options.js'

/** A child process, as seen by its pool. */
export interface ChildProcess {
  send(message: ToProcess): void
  /** Sets the listener to the process's messages, in place of the previous one. */
  listen(listener: (message: FromProcess) => void): void
  status(): Status
  /** Kills the process and everything that it started. */
  kill(reason?: EndReason): void
  /**
   * Tells an idle process to exit. It has 1 s, extended while its output still arrives, up to 10 s
   * in all; then it is killed.
   */
  leave(): void
  /**
   * Sets the listener to the process's exit, in place of the previous one. Called at once if the
   * process has already exited.
   */
  onExit(listener: (exit: ProcessExit) => void): void
  /**
   * Number of requests and rows of the process that were not answered or acknowledged yet. While
   * there are any, the process itself is not stalled.
   */
  owed: number
  /** Whether the process was killed or has exited. */
  readonly isEnding: boolean
  /**
   * Resolves when the process has exited and all its messages were received. Rejects if it could
   * not be started.
   */
  readonly exited: Promise<ProcessExit>
  /** Removes the process's folder, with the files that wait in it. */
  removeFolder(): Promise<void>
}

export interface ProcessOptions {
  /** Memory in bytes that specs may use. */
  readonly memory: number
  /** The process's own folder, which is created in the pool's folder. */
  readonly folder: string
  readonly poolFolder: string
  /** The worker's name. */
  readonly worker: string
  /** The environment. Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

const ENTRY = fileURLToPath(new URL(`execute/child/main${ENDING}`, OWN))
/** Length in bytes of the kept stderr tail: enough for V8's last message. */
const STDERR_TAIL = 16_384
/**
 * Time in ms to read the remaining output, which ends only when no escaped descendant holds the
 * pipe open.
 */
const LAST_WORDS_MS = 500
/**
 * Time in ms that an idle process has for its exit handlers, and the maximum while it still prints.
 */
const LEAVE_MS = 1_000
const LONGEST_LEAVE_MS = 10_000

export function startChildProcess({
  memory,
  folder,
  poolFolder,
  worker,
  env = process.env,
}: ProcessOptions): ChildProcess {
  mkdirSync(folder, { recursive: true })
  const statusFile = join(folder, 'status')
  const status = createStatusFile(statusFile)
  const boot: Boot = {
    statusFile,
    folder,
    poolFolder,
    memory,
    worker,
    key: randomUUID(),
    parentPid: process.pid,
    argv: process.argv.slice(2),
  }
  const execArgv = nodeOptions(ENTRY, memory, process.execArgv)
  const environment = marked(env, folder)
  // Otherwise the process itself loads tsx, and secures the cache.
  if (hasTsx(execArgv)) secureTypeScriptCache(environment)
  const child = fork(ENTRY, [JSON.stringify(boot)], {
    // A process group of its own, so that a kill also reaches the processes that user code started.
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: environment,
    execArgv,
  })
  const stderr = forwardOutput(child)
  letGo(child)

  let listener: (message: FromProcess) => void = () => {}
  let word: LastWord | undefined
  let ended: EndReason | undefined
  let last: Status | undefined
  let exited: ProcessExit | undefined
  let exitListener: (exit: ProcessExit) => void = () => {}
  let isEnding = false
  let isGone = false
  child.on('message', (message: FromProcess) => {
    if (message.type !== 'leaving') return listener(message)
    word ??= message.word
    // Leftover work may keep the process from exiting by itself.
    end()
  })

  function end(): void {
    if (isGone) return
    isEnding = true
    killGroup(child)
  }

  async function exit(): Promise<ProcessExit> {
    const { exitCode, signal, closed } = await endOf(child)
      .catch((error) => {
        status.close()
        throw error
      })
      .finally(() => {
        isEnding = true
        isGone = true
      })
    const at = monotonicNow()
    killGroup(child)
    await Promise.race([closed, afterMs(LAST_WORDS_MS)])
    last = status.read()
    status.close()
    // A spec that ended by itself may have left processes running on purpose.
    if (last.phase !== Phase.NONE) endEscaped(folder)
    exited = { exitCode, signal, at, stderr: stderr(), status: last, ended, word }
    exitListener(exited)
    return exited
  }

  return {
    exited: exit(),
    get isEnding() {
      return isEnding
    },
    send(message) {
      // If the process has already exited, its exit is reported elsewhere.
      if (child.connected) child.send({ key: boot.key, message }, () => {})
    },
    owed: 0,
    listen(next) {
      listener = next
    },
    onExit(next) {
      exitListener = next
      if (exited) next(exited)
    },
    status: () => last ?? status.read(),
    kill(reason) {
      if (!isEnding) ended = reason
      end()
    },
    leave() {
      if (isEnding) return
      isEnding = true
      const begun = monotonicNow()
      const timer = setTimeout(end, LEAVE_MS).unref()
      const hear = () => monotonicNow() - begun < LONGEST_LEAVE_MS && !isGone && timer.refresh()
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', hear)
      child.once('exit', () => clearTimeout(timer))
      if (child.connected) child.send({ key: boot.key, message: { type: 'leave' } satisfies ToProcess }, () => {})
    },
    async removeFolder() {
      // An escaped process may still write there. A folder that cannot be removed now is removed
      // with the pool's folder.
      await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
    },
  }
}

/** Lets this process exit while the child process is idle. */
function letGo(child: NodeChildProcess): void {
  child.unref()
  child.channel?.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref()
}

/**
 * Forwards stdout and stderr of the process to this process's stderr, because its stdout may be
 * data. Returns a function that returns the last part of stderr.
 */
function forwardOutput(child: NodeChildProcess): () => string {
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
  /** Resolves when its messages and its output were read, too. */
  readonly closed: Promise<void>
}

function endOf(child: NodeChildProcess): Promise<End> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, closed }))
    child.once('error', (error) => {
      // A process that could not be started emits no exit.
      if (child.pid === undefined) reject(error)
    })
  })
}

function killGroup(child: NodeChildProcess): void {
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
