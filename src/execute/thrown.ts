import { inspect } from 'node:util'

/** What was thrown, as data. */
export interface Thrown {
  readonly name: string
  readonly message: string
  readonly stack: string | null
}

/** An error row may not be larger than thousands of results. */
const MESSAGE_LENGTH = 4_000
const STACK_LENGTH = 16_000
const CAUSES = 5

/** Describes anything that can be thrown; `fallbackName` stands where it has no class. Never throws. */
export function describeThrown(thrown: unknown, fallbackName: string): Thrown {
  try {
    if (!isError(thrown)) return { name: fallbackName, message: cut(textOf(thrown), MESSAGE_LENGTH), stack: null }
    return {
      name: classOf(thrown) || fallbackName,
      message: cut(String(thrown.message), MESSAGE_LENGTH),
      stack: cut(stackOf(thrown), STACK_LENGTH),
    }
  } catch (error) {
    return { name: fallbackName, message: `What was thrown cannot be read: ${String(error)}`, stack: null }
  }
}

/** Errors of other realms (vm contexts) and look-alikes are errors too. */
function isError(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error ||
    (typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown)
  )
}

/** Classes seldom set the name that they inherit. */
function classOf(error: Error): string {
  return String(error.name === 'Error' ? (error.constructor?.name ?? 'Error') : error.name)
}

function textOf(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 4, breakLength: Infinity })
}

function stackOf(error: Error): string {
  let stack = String(error.stack)
  let cause = error.cause
  for (let i = 0; i < CAUSES && cause !== undefined; i++) {
    stack += `\nCaused by: ${isError(cause) ? cause.stack : textOf(cause)}`
    cause = isError(cause) ? cause.cause : undefined
  }
  return stack
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`
}
