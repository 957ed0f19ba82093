// Node has `isWellFormed`, but TypeScript's library of this year does not.
const { isWellFormed } = String.prototype as unknown as { isWellFormed(this: string): boolean }

/** Returns whether UTF-8 can hold a text: half of a surrogate pair is not a character. */
export function isText(text: string): boolean {
  return isWellFormed.call(text)
}

const UNPAIRED = /\p{Surrogate}/gu

/** Returns a readable text, in which halves of surrogate pairs are escaped: `\ud83d`. */
export function legible(text: string): string {
  return isText(text) ? text : text.replace(UNPAIRED, (half) => `\\u${half.charCodeAt(0).toString(16)}`)
}
