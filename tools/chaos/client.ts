import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MARK, signal } from './processes.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
export const EXPERIMENT = fileURLToPath(new URL('experiment.js', import.meta.url))

/** A command line that runs a run, or goes on with it, as a process of its own. */
export interface Client {
  readonly pid: number
  /** When it was started, as `Date.now()` counts. */
  readonly begun: number
  readonly isGone: boolean
  /** Its exit code; `null` where a signal ended it. */
  readonly code: number | null | undefined
  /** A fault of ours has ended it. */
  readonly wasKilled: boolean
  kill(name: NodeJS.Signals): void
  readonly gone: Promise<unknown>
  /** The last thing that it said. */
  lastWords(): string
}

export interface ClientOptions {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** By what its processes are known. */
  readonly mark: string
  readonly temporary: string
  readonly cwd: string
  /** The file that all it says is added to. */
  readonly log: string
}

/** Codes that say that every spec is accounted for. */
const ENDED_WELL = new Set<unknown>([0, 3])

export function endedWell({ code }: Client): boolean {
  return ENDED_WELL.has(code)
}

export function startClient({ args, env, mark, temporary, cwd, log }: ClientOptions): Client {
  const file = openSync(log, 'a')
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...cleanEnvironment(), ...env, [MARK]: mark, TMPDIR: temporary },
    cwd,
    // An interrupt from the terminal is for us.
    detached: true,
    stdio: ['ignore', file, file],
  })
  closeSync(file)
  let wasKilled = false
  const gone = once(child, 'exit')
  return {
    pid: child.pid!,
    begun: Date.now(),
    gone,
    get isGone() {
      return child.exitCode !== null || child.signalCode !== null
    },
    get code() {
      return child.signalCode === null ? child.exitCode : null
    },
    get wasKilled() {
      return wasKilled
    },
    kill(name) {
      wasKilled = true
      signal(child.pid!, name)
    },
    lastWords() {
      const said = readFileSync(log, 'utf8').trimEnd()
      // With --json, its error is an object over many lines.
      const [, message] = /^ +"message": "(.*)",?$/m.exec(said.slice(said.lastIndexOf('\n{') + 1)) ?? []
      return message ?? said.split('\n').at(-1) ?? ''
    },
  }
}

/** Without what would set the command line up in another way. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(SCYTHE_|HATCHET_|AWS_|VITEST|NODE_|CHAOS_)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}
