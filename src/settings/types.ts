import { formatBytes, parseBytes } from './bytes.js'
import { formatDuration, isTimeout, parseDuration } from './duration.js'
import { settingType } from './environment.js'

const TRUE = new Set(['true', '1', 'yes', 'on', 't', 'y'])
const FALSE = new Set(['false', '0', 'no', 'off', 'f', 'n'])

/** Accepts the words that pydantic accepts, so that a deployment of Python Scythe works here. */
export const flag = settingType<boolean>((text) => {
  const word = text.trim().toLowerCase()
  if (TRUE.has(word)) return true
  if (FALSE.has(word)) return false
  throw new Error('true or false (or 1/0, yes/no, on/off, t/f, y/n)')
})

export const text = settingType<string>((text) => text)

/** Accepts a name that engines and hosts accept. */
export const plainName = settingType<string>((text) => {
  if (/^[A-Za-z0-9._-]+$/.test(text)) return text
  throw new Error('letters, digits, dots, hyphens and underscores')
})

/**
 * Accepts a time that a timer can count; the value is in ms. An option may be a text, or a number
 * of ms.
 */
export const duration = settingType<number, string | number>(
  (text) => {
    const ms = parseDuration(text)
    if (isTimeout(ms)) return ms
    throw new Error('a time such as "90s", "30m" or "1h30m", up to 24 days')
  },
  (value) => (typeof value === 'number' ? formatDuration(value) : value),
)

/** Accepts a number of bytes greater than zero. */
export const size = settingType<number>((text) => {
  const bytes = parseBytes(text)
  if (bytes) return bytes
  throw new Error('a size such as "512MB" or "20GB"')
}, formatBytes)

export function wholeNumber(least: number, most: number) {
  return settingType<number>((text) => {
    const number = Number(text)
    if (/^\s*\d+\s*$/.test(text) && number >= least && number <= most) return number
    throw new Error(`a whole number from ${least} to ${most}`)
  })
}

export function oneOf<const T extends string>(...choices: readonly T[]) {
  return settingType<T>((text) => {
    const choice = choices.find((choice) => choice === text.trim().toLowerCase())
    if (choice) return choice
    throw new Error(`${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`)
  })
}

/** Accepts a comma-separated list of items. */
export function list(items: string, isOne: (item: string) => boolean = (item) => item !== '') {
  return settingType<readonly string[]>((text) => {
    const found = text.split(',').map((item) => item.trim())
    if (found.every(isOne)) return found
    throw new Error(`${items}, separated by commas`)
  })
}
