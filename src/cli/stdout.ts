import { once } from 'node:events'
import { escapeObeyed, printable } from '../settings/printable.js'
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

/** Writes to stdout as it is. Settles when there is room for more. */
export async function print(text: string): Promise<void> {
  if (!write(text)) await once(process.stdout, 'drain')
}

/** Writes a line for people. */
export function printLine(line = ''): Promise<void> {
  return print(`${printable(line)}\n`)
}

/** With `--json`, all that a command prints. */
export function printJson(value: unknown): Promise<void> {
  return printLine(toJson(value, 2))
}

/** Writes data, which a terminal, unlike a file, must not obey. */
export function printData(text: string): Promise<void> {
  return print(process.stdout.isTTY ? escapeObeyed(text) : text)
}

/** Settles when all that was written, on stderr too, has left this process: to end it earlier would cut it off. */
export async function written(): Promise<void> {
  const left = [write, process.stderr.write.bind(process.stderr)].map((write) => {
    return new Promise<void>((resolve) => write('', () => resolve()))
  })
  await Promise.all(left)
}
