import { once } from 'node:events'
import { toJson } from './format.js'

const write = process.stdout.write.bind(process.stdout)

/** Keeps stdout for what commands say: what other code in this process prints goes to stderr. */
export function reserveStdout(): void {
  process.stdout.write = ((...args: Parameters<typeof process.stderr.write>) =>
    process.stderr.write(...args)) as typeof write
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read it has read enough, as in `scythe list | head`.
    process.exit(error.code === 'EPIPE' ? process.exitCode : 1)
  })
}

/** Writes to stdout. Settles when there is room for more. */
export async function print(text: string): Promise<void> {
  if (!write(text)) await once(process.stdout, 'drain')
}

export function printLine(line = ''): Promise<void> {
  return print(`${line}\n`)
}

/** With `--json`, all that a command prints. */
export function printJson(value: unknown): Promise<void> {
  return printLine(toJson(value, 2))
}
