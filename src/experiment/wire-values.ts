/** Parsed values as JSON keeps them: a date as ISO text, what is not a finite number as null, integers as `wireInteger` has them. */
export function wireValue(value: unknown): unknown {
  if (typeof value === 'bigint') return wireInteger(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(wireValue)
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wireValue(part)]))
}

/** A 64-bit integer as a number, or as text where a number would lose digits. Specs may have it either way, too. */
export function wireInteger(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}
