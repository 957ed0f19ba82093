import { hideSecrets } from '../settings/secrets.js'
import { legible } from '../table/well-formed.js'

/** Returns a value for a message: on one line, and shortened. Never throws. */
export function formatValue(value: unknown): string {
  const text = hideSecrets(typeof value === 'string' ? JSON.stringify(value) : describe(value))
  return text.length > 80 ? legible(`${text.slice(0, 77)}...`) : text
}

function describe(value: unknown): string {
  try {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value === 'function') return `the function ${value.name || 'without a name'}`
    if (value === null || typeof value !== 'object') return String(value)
    if (value instanceof Date) return `the Date ${Number.isNaN(value.getTime()) ? 'Invalid' : value.toISOString()}`
    return json(value) ?? (Array.isArray(value) ? 'a list' : 'an object')
  } catch {
    return 'something that cannot be read'
  }
}

function json(value: object): string | undefined {
  try {
    return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}n` : part))
  } catch {
    return undefined
  }
}

/** Returns the message of a thrown value. Never throws. */
export function thrownText(thrown: unknown): string {
  try {
    return legible(thrown instanceof Error ? String(thrown.message) : String(thrown))
  } catch {
    return 'what was thrown cannot be read'
  }
}

/** Returns a path as text: `hours[3].value` for `['hours', 3, 'value']`. */
export function formatPath(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${String(step)}` : String(step)),
    '',
  )
  return legible(text)
}
