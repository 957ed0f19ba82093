/** What spreadsheets take for a formula, be it behind quotes that were put before it. A number with a sign is none. */
const FORMULA = /^'*[=+\-@\t\r\n]/
const DISARMED = /^'+[=+\-@\t\r\n]/
const NUMBER = /^[+-](?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** Puts a quote before a text that a spreadsheet would take for a formula: it is shown as text then. `rearm` takes it away. */
export function disarm(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
}

/** Takes away the quote that `disarm` put before a text. */
export function rearm(text: string): string {
  return DISARMED.test(text) ? text.slice(1) : text
}
