import { ScytheError } from '../../src/errors.js'
import { type Door, RuleBroken } from './door.js'

/** Words of the language's own errors, which tell whoever gave the input nothing. */
const SLIPS =
  /Cannot (?:read|set|convert|mix|access|destructure|create) |is not (?:a function|a constructor|iterable|defined)|Maximum call stack|Invalid (?:array|typed array|string) length|Array buffer allocation|out of bounds|outside the bounds|start offset of|should be a multiple of|\[object Object\]|undefined/
const STACK = /\n\s+at .*(?::\d+:\d+|<anonymous>)/
/** Characters of a message at most: nobody reads more. */
const LONGEST = 5000

/** Returns what is wrong with how a door refused an input; `undefined` if that is as it should be. */
export function whatIsWrong(error: unknown, { codes }: Pick<Door, 'codes'>): string | undefined {
  if (error instanceof RuleBroken) return error.message
  if (!(error instanceof ScytheError)) return `an error that is not ours: ${stackOf(error)}`
  const { code, message } = error
  if (!codes.includes(code)) return `the code ${code} (${message.slice(0, 300)}): ${stackOf(error)}`
  if (STACK.test(message)) return `a stack in the message: ${message.slice(0, 500)}`
  const slip = SLIPS.exec(message)?.[0]
  if (slip) return `"${slip}" in the message: ${message.slice(0, 500)}\n${stackOf(error.cause)}`
  if (message.length > LONGEST) return `a message of ${message.length} characters: ${message.slice(0, 300)}`
  return undefined
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 8).join('\n') : String(error)
}
