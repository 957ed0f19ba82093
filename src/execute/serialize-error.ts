import { inspect } from 'node:util'

/** A thrown value as plain data. */
export interface SerializedError {
  readonly name: string
  readonly message: string
  readonly stack: string | null
}

/** Length limit in characters, so that an error row is not larger than thousands of results. */
const MESSAGE_LENGTH = 4_000
const STACK_LENGTH = 16_000
const CAUSES = 5

/**
 * Serializes any thrown value. `fallbackName` is used if the value has no class. Never throws,
 * whatever its getters do: each property is read once, and one that cannot be read does not affect
 * the others.
 */
export function serializeError(thrown: unknown, fallbackName: string): SerializedError {
  const error = attempt(() => (isError(thrown) ? thrown : undefined), undefined)
  if (!error) return { name: fallbackName, message: cut(textOf(thrown), MESSAGE_LENGTH), stack: null }
  const message = attempt<unknown>(() => error.message, UNREADABLE)
  return {
    name: cut(attempt(() => classOf(error), '') || fallbackName, MESSAGE_LENGTH),
    message: cut(typeof message === 'string' ? message : textOf(message), MESSAGE_LENGTH),
    stack: cut(stackOf(error), STACK_LENGTH),
  }
}

/**
 * Returns whether a value is an error. Errors of other realms (vm contexts) and objects with a
 * message and a stack count as errors, too.
 */
function isError(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error ||
    (typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown)
  )
}

/** Returns the class name of an error. Subclasses seldom set the `name` that they inherit. */
function classOf(error: Error): string {
  const { name } = error
  return asText(name === 'Error' ? (error.constructor?.name ?? 'Error') : name)
}

function textOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  return attempt(
    () => inspect(thrown, { depth: 4, breakLength: Infinity, maxStringLength: MESSAGE_LENGTH }),
    UNREADABLE,
  )
}

function stackOf(error: Error): string {
  let stack = attempt(() => asText(error.stack), UNREADABLE)
  let cause = attempt<unknown>(() => error.cause, undefined)
  for (let i = 0; i < CAUSES && cause !== undefined; i++) {
    const reason = cause
    const inner = attempt(() => (isError(reason) ? reason : undefined), undefined)
    stack += `\nCaused by: ${inner ? attempt(() => asText(inner.stack), UNREADABLE) : textOf(reason)}`
    cause = inner && attempt<unknown>(() => inner.cause, undefined)
  }
  return stack
}

const UNREADABLE = 'What was thrown cannot be read.'

/** Returns the text of a value whose conversion may run arbitrary code. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : textOf(value)
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`
}
