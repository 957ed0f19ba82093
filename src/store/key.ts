import { KeyInvalidError, RangeInvalidError } from './errors.js'

/**
 * The folder at a store's root that holds unfinished writes. No key starts with it, and no listing
 * shows it.
 */
export const UNFINISHED = '.unfinished'

/**
 * Returns whether every store accepts this key: a key that is valid in a bucket is valid in a
 * folder, and the other way round.
 */
export function isKey(key: string): boolean {
  return expectedOf(key) === undefined
}

/** Returns the key if every store accepts it. Throws `KeyInvalidError` otherwise. */
export function checkKey(key: string): string {
  const expected = expectedOf(key)
  if (expected !== undefined) throw new KeyInvalidError(key, expected)
  return key
}

function expectedOf(key: string): string | undefined {
  if (/[\\\p{Cc}\p{Cs}]/u.test(key)) return 'without backslashes and control characters'
  const names = key.split('/')
  if (names.includes('')) return 'of names joined by single slashes, none at its ends'
  if (names.includes('.') || names.includes('..')) return 'without . and .. as names'
  if (names[0] === UNFINISHED) return `that does not start with ${UNFINISHED}/`
  return undefined
}

/**
 * Returns the prefix if it can be the beginning of a key; it may be empty. Throws `KeyInvalidError`
 * otherwise.
 */
export function checkPrefix(prefix: string): string {
  checkKey(`${prefix}x`)
  return prefix
}

export function checkFolder(prefix: string): string {
  if (prefix !== '' && !prefix.endsWith('/')) throw new KeyInvalidError(prefix, 'of a folder, ending in a slash')
  return checkPrefix(prefix)
}

export function checkRange(key: string, start: number, end: number): void {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end)
  if (!whole || start < 0 || end < start) throw new RangeInvalidError(key, start, end)
}

/** The maximum length of a name, less the room for suffixes and prefixes. */
const LONGEST_NAME = 200

/**
 * Changes a text into a name that every store accepts in a key, and every folder as a file name.
 * Most texts are such names already.
 */
export function safeName(text: string): string {
  const name = text.replace(/[/\\\p{Cc}\p{Cs}]/gu, '_').replace(/^\.{0,2}$/, '_')
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name
  const { stem, extension } = splitName(name)
  const kept = Buffer.byteLength(extension) <= 20 ? extension : ''
  let room = LONGEST_NAME - Buffer.byteLength(kept)
  let end = 0
  for (const letter of kept === '' ? name : stem) {
    room -= Buffer.byteLength(letter)
    if (room < 0) break
    end += letter.length
  }
  return name.slice(0, end) + kept
}

/**
 * Splits a name into stem and extension: `climate.epw` into `climate` and `.epw`, `report.tar.gz`
 * into `report` and `.tar.gz`.
 */
export function splitName(name: string): { readonly stem: string; readonly extension: string } {
  const [extension] = /(?<=.)(?:\.tar)?\.[^.]*$/s.exec(name) ?? ['']
  return { stem: name.slice(0, name.length - extension.length), extension }
}

/** Sorts by the UTF-8 bytes of the keys, as S3 does. JavaScript itself compares UTF-16 units. */
export function sortByKey<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, bytes: Buffer.from(keyOf(item)) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ item }) => item)
}

export function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0
}
