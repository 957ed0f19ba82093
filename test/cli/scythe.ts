import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command line as a program of its own, as compiled, in a folder. */
export function startScythe(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...cleanEnvironment(), ...env } })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

const running = new Set<ChildProcess>()
// What a test that failed has left.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

export async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { code, stdout, stderr }
}

/** Runs the command line to its end. */
export async function scythe(
  cwd: string,
  args: readonly string[],
  { input = '', env }: { readonly input?: string | Uint8Array; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const child = startScythe(cwd, args, env)
  child.stdin!.end(input)
  return ended(child)
}

/** Without what would set the command line up in another way. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SCYTHE_|HATCHET_|VITEST|NODE_)/.test(name)),
  )
}
