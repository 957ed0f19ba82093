import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** A program that ends when we stop it, and when we end ourselves, in whatever way. */
export interface Guarded {
  /** Waits until it can be used. Where it does not come to that, it is stopped, and the error holds the end of its log. */
  ready(isReady: () => Promise<boolean>): Promise<void>
  stop(): Promise<void>
}

export interface GuardOptions {
  /** As errors name it. */
  readonly title: string
  readonly program: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Whom it runs as; ourselves by default. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** The file that what it prints is added to; by default its errors come with ours, and the rest is dropped. */
  readonly log?: string
  /** What ends it. Default `KILL`. */
  readonly signal?: 'KILL' | 'INT' | 'QUIT'
  /** Goes when it has ended. */
  readonly temporaryFolder?: string | undefined
}

const START_MS = 180_000
const POLL_MS = 20
const LAST_LINES = 20

/**
 * The program's life hangs on the standard input of this shell: when it closes, the program ends, and then its folder goes.
 * Started in the background, a program ignores interrupts until it says otherwise: so it is told until it has heard.
 */
const GUARD = `
signal=$1 folder=$2
shift 2
exec 3<&0
"$@" </dev/null 3<&- & program=$!
{ cat <&3 >/dev/null; while kill -s "$signal" "$program"; do sleep 1; done; } 2>/dev/null & guard=$!
wait "$program" 2>/dev/null
kill "$guard" 2>/dev/null
[ -z "$folder" ] || rm -rf "$folder"
`

export function startGuarded(options: GuardOptions): Guarded {
  const { title, program, args, env, user, log, signal = 'KILL', temporaryFolder = '' } = options
  const file = log === undefined ? undefined : openSync(log, 'a')
  const guard = spawn('sh', ['-c', GUARD, 'sh', signal, temporaryFolder, program, ...args], {
    // Not in our process group: an interrupt from the terminal is for us, and the guard cleans up after it.
    detached: true,
    stdio: ['pipe', file ?? 'ignore', file ?? 'inherit'],
    // Our own folder may be closed to whom it runs as.
    cwd: '/',
    ...user,
    ...(env && { env }),
  })
  if (file !== undefined) closeSync(file)
  return { ready, stop }

  function hasEnded(): boolean {
    return guard.exitCode !== null || guard.signalCode !== null
  }

  async function stop(): Promise<void> {
    if (hasEnded()) return
    const exited = once(guard, 'exit')
    guard.stdin?.end()
    await exited
  }

  async function ready(isReady: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + START_MS
    while (!hasEnded() && Date.now() < deadline) {
      if (await isReady()) return
      await setTimeout(POLL_MS)
    }
    await stop()
    throw new Error(`${title} did not start.${log === undefined ? '' : `\n${await lastLines(log)}`}`)
  }
}

/** Has a folder removed when we stop it, and when we end ourselves, in whatever way. */
export function guardFolder(folder: string): Guarded {
  return startGuarded({ title: folder, program: 'tail', args: ['-f', '/dev/null'], temporaryFolder: folder })
}

async function lastLines(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-LAST_LINES).join('\n')
}
