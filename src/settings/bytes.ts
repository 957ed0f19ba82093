const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/**
 * Returns the number of bytes for `"2GB"` (powers of 1000), `"512MiB"` (powers of 1024), or a
 * number of bytes. Returns `undefined` for anything else.
 */
export function parseBytes(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  if (typeof value !== 'string') return undefined
  const [, count, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]i?|)b?\s*$/i.exec(value) ?? []
  return count === undefined ? undefined : Math.round(Number(count) * UNITS[unit!.toLowerCase()]!)
}

/**
 * Returns a number of bytes in the form that `parseBytes` reads, in the largest power of 1000 that
 * divides it: `"10GB"`.
 */
export function formatBytes(bytes: number): string {
  const unit = ['t', 'g', 'm', 'k'].find((unit) => bytes % UNITS[unit]! === 0) ?? ''
  return `${bytes / UNITS[unit]!}${unit === '' ? '' : `${unit.toUpperCase().replace('K', 'k')}B`}`
}
