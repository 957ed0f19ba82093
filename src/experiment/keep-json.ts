import { isText } from '../table/well-formed.js'
import { isPlain } from './own-fields.js'
import { Unkept, unpaired, within } from './unkept.js'

/** The maximum nesting depth of JSON. Python's reader fails near 1,000. */
const DEEPEST = 500

const { hasOwn, keys, getPrototypeOf } = Object
const { stringify } = JSON

/**
 * Returns a value as JSON. Reads each property once, and by its own rules: `JSON.stringify` calls
 * `toJSON`, and user code may change the prototypes of objects.
 */
export function jsonTextOf(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      if (!Number.isFinite(value)) throw new Unkept(value, 'Expected a finite number: JSON has no others')
      return String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : objectText(value, depth)
    default:
      throw new Unkept(value, `Expected a JSON value, got a ${typeof value}`)
  }
}

function objectText(value: object, depth: number): string {
  if (depth === DEEPEST) {
    throw new Unkept(undefined, `Expected JSON that nests at most ${DEEPEST} deep: this one may contain itself`)
  }
  if (hasOwn(value, 'toJSON') && typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    throw new Unkept(undefined, 'Expected a JSON value, got an object with toJSON: give what that returns')
  }
  if (Array.isArray(value)) return listText(value, depth + 1)
  if (!isPlain(value)) {
    throw new Unkept(value, `Expected a JSON value, got a ${className(value)}`)
  }
  let text = ''
  for (const name of keys(value)) {
    try {
      const part = (value as Record<string, unknown>)[name]
      if (part === undefined) continue
      const comma = text === '' ? '' : ','
      text += `${comma}${quoted(name)}:${jsonTextOf(part, depth + 1)}`
    } catch (error) {
      throw within(name, error)
    }
  }
  return `{${text}}`
}

function listText(values: readonly unknown[], depth: number): string {
  let text = ''
  let i = 0
  try {
    for (; i < values.length; i++) text += `${i > 0 ? ',' : ''}${jsonTextOf(values[i], depth)}`
  } catch (error) {
    throw within(i, error)
  }
  return `[${text}]`
}

/** Characters that JSON escapes. */
const ESCAPED = /["\\\p{Cc}\p{Surrogate}]/u

function quoted(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`
  if (isText(text)) return stringify(text)
  throw unpaired(text)
}

function className(value: object): string {
  const name: unknown = getPrototypeOf(value).constructor?.name
  return typeof name === 'string' ? name : 'class instance'
}
