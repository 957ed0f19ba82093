import { once } from 'node:events'
import { escapeObeyed, printable } from '../settings/printable.js'
import { toJson } from './format.js'

const write = process.stdout.write.bind(process.stdout)

/**
 * Reserves stdout for the output of commands. The output of other code in this process goes to
 * stderr.
 */
export function reserveStdout(): void {
  process.stdout.write = ((...args: Parameters<typeof process.stderr.write>) =>
    process.stderr.write(...args)) as typeof write
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has read enough, as in `scythe list | head`.
    process.exit(error.code === 'EPIPE' ? process.exitCode : 1)
  })
}

/** Writes to stdout as it is. Resolves when there is room for more. */
export async function print(text: string): Promise<void> {
  if (!write(text)) await once(process.stdout, 'drain')
}

/** Writes a line for people to read. */
export function printLine(line = ''): Promise<void> {
  return print(`${printable(line)}\n`)
}

/** Writes a value as JSON: with `--json`, the whole output of a command. */
export function printJson(value: unknown): Promise<void> {
  return printLine(toJson(value, 2))
}

/** Writes data. On a terminal, unlike in a file, its control characters are escaped. */
export function printData(text: string): Promise<void> {
  return print(process.stdout.isTTY ? escapeObeyed(text) : text)
}

/**
 * Resolves when everything that was written, also to stderr, has left this process. Ending the
 * process earlier would cut the output off.
 */
export async function written(): Promise<void> {
  const left = [write, process.stderr.write.bind(process.stderr)].map((write) => {
    return new Promise<void>((resolve) => write('', () => resolve()))
  })
  await Promise.all(left)
}
