import { hideSecrets } from './secrets.js'

/**
 * Characters that a terminal obeys or shows in another place: control characters except newlines
 * and tabs, and direction marks.
 */
const OBEYED = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/**
 * Makes any text safe for a terminal or a log: escapes the characters that a terminal would obey,
 * and hides secrets.
 */
export function printable(text: string): string {
  return escapeObeyed(hideSecrets(text))
}

/** Escapes the characters that a terminal would obey, in the way of JSON and JavaScript strings. */
export function escapeObeyed(text: string): string {
  return text.replace(OBEYED, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const QUOTED_LENGTH = 300

/**
 * Returns a text in quotation marks for a message: on one line, and shortened if it is too long.
 */
export function quoted(text: string): string {
  return brief(JSON.stringify(text))
}

/** Returns a text, or its beginning if the text is too long for a message. */
export function brief(text: string): string {
  if (text.length <= QUOTED_LENGTH) return text
  return `${text.slice(0, QUOTED_LENGTH - 3).replace(/[\ud800-\udbff]$/, '')}...`
}
