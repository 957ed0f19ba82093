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

/** A child process as its pool sees it. */
export interface ChildProcess {
  send(message: ToProcess): void
  /** Hears its messages from now on, in the place of who did before. */
  listen(listener: (message: FromProcess) => void): void
  status(): Status
  /** Ends it with all that it started. */
  kill(reason?: EndReason): void
  /** Tells it to leave, which is given a second, and as long as what it printed is on its way; then it is ended. To be used while it is idle. */
  leave(): void
  /** Is told its exit, at once if that was before; in the place of who was to be told before. */
  onExit(listener: (exit: ProcessExit) => void): void
  /** What it has asked for or sent and not got, or heard that it is kept: while there is something, it is not its turn. */
  owed: number
  /** Whether it was killed, or is gone. */
  readonly isEnding: boolean
  /** Settles when it is gone, and all that it sent has been heard. Fails if it could not be started. */
  readonly exited: Promise<ProcessExit>
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
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

const ENTRY = fileURLToPath(new URL(`execute/child/main${ENDING}`, OWN))
/** Enough for V8's last words. */
const STDERR_TAIL = 16_384
/** What a process wrote is read to the end, unless something that it started and that escaped holds the pipe open. */
const LAST_WORDS_MS = 500
/** What an idle process has for its exit handlers, and at most while it still prints. */
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
  // Else it is the process itself that loads tsx, and looks.
  if (hasTsx(execArgv)) secureTypeScriptCache(environment)
  const child = fork(ENTRY, [JSON.stringify(boot)], {
    // A group of its own, so that a kill reaches what the user's code started too.
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
    // What it has left running may keep it from ending itself.
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
    // A spec that ended by itself may have meant what it left running to stay.
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
      // If it is gone already, its exit tells.
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
      // Something that escaped may still write there. What cannot be removed now goes with the pool's folder.
      await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
    },
  }
}

/** An idle process does not keep this one running. */
function letGo(child: NodeChildProcess): void {
  child.unref()
  child.channel?.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref()
}

/** Both outputs go to our stderr, since our stdout may be data. Gives the end of what came on stderr. */
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
  /** Settles when its messages and its output have been read too. */
  readonly closed: Promise<void>
}

function endOf(child: NodeChildProcess): Promise<End> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, closed }))
    child.once('error', (error) => {
      // Where it could not be started, there is no exit.
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
