import { hideSecrets } from './secrets.js'

/** What a terminal obeys, or shows elsewhere than it stands: control characters but line ends and tabs, and marks of direction. */
const OBEYED = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Makes of a text from anywhere one that a terminal or a log can be given: what it would obey is written out, and secrets are hidden. */
export function printable(text: string): string {
  return escapeObeyed(hideSecrets(text))
}

/** Writes out what a terminal would obey, as JSON and JavaScript do in texts. */
export function escapeObeyed(text: string): string {
  return text.replace(OBEYED, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const QUOTED_LENGTH = 300

/** Returns a text in quotation marks as a message has it: on one line, and not too long. */
export function quoted(text: string): string {
  return brief(JSON.stringify(text))
}

/** Returns a text, or its beginning if it is too long for a message. */
export function brief(text: string): string {
  if (text.length <= QUOTED_LENGTH) return text
  return `${text.slice(0, QUOTED_LENGTH - 3).replace(/[\ud800-\udbff]$/, '')}...`
}
