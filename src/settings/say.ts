import { printable } from './printable.js'

/** Writes a line for whoever runs this, on stderr. */
export function say(text: string): void {
  process.stderr.write(`scythe: ${printable(text)}\n`)
}
