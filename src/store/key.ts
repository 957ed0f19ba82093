import { InvalidKeyError, InvalidRangeError } from './errors.js'

/** The folder at a store's root where unfinished writes lie. No key starts with it, and no listing shows it. */
export const UNFINISHED = '.unfinished'

/** Whether every store takes this key: one that is fine in a bucket is fine in a folder, and the other way round. */
export function isKey(key: string): boolean {
  return expectedOf(key) === undefined
}

/** The key itself, where every store takes it. */
export function checkKey(key: string): string {
  const expected = expectedOf(key)
  if (expected !== undefined) throw new InvalidKeyError(key, expected)
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

/** A prefix is the beginning of a key, down to the empty one. */
export function checkPrefix(prefix: string): string {
  checkKey(`${prefix}x`)
  return prefix
}

export function checkFolder(prefix: string): string {
  if (prefix !== '' && !prefix.endsWith('/')) throw new InvalidKeyError(prefix, 'of a folder, ending in a slash')
  return checkPrefix(prefix)
}

export function checkRange(key: string, start: number, end: number): void {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end)
  if (!whole || start < 0 || end < start) throw new InvalidRangeError(key, start, end)
}

/** Sorts by the UTF-8 bytes of the keys, as S3 does; JavaScript's own order is that of UTF-16. */
export function sortByKey<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, bytes: Buffer.from(keyOf(item)) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ item }) => item)
}

export function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0
}
