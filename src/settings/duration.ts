const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/**
 * Returns the time in ms for `"30m"`, `"1h30m"`, `"1.5h"`, `"250ms"`, or a number of ms. Returns
 * `undefined` for anything else.
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (!/^(?:\d+(?:\.\d+)?(?:d|h|ms|m|s))+$/.test(text)) return undefined
  let ms = 0
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(d|h|ms|m|s)/g)) ms += Number(count) * UNITS[unit!]!
  return Math.round(ms)
}

/** Returns whether a timer can count a time: more than zero, and up to 24 days. */
export function isTimeout(ms: number | undefined): ms is number {
  return ms !== undefined && ms > 0 && ms < 2 ** 31
}

/** Returns milliseconds as `"1h30m"`, the form that Hatchet accepts. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms)
  let text = ''
  for (const unit of ['h', 'm', 's', 'ms']) {
    const count = Math.floor(rest / UNITS[unit]!)
    if (count > 0) text += `${count}${unit}`
    rest -= count * UNITS[unit]!
  }
  return text || '0s'
}
