/** A value as a message shows it: on one line, and short. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : describe(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `the function ${value.name || 'without a name'}`
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Date) return `the Date ${Number.isNaN(value.getTime()) ? 'Invalid' : value.toISOString()}`
  try {
    return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}n` : part))
  } catch {
    return Object.prototype.toString.call(value)
  }
}

/** `['hours', 3, 'value']` as `hours[3].value`. */
export function showPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${String(step)}` : String(step)),
    '',
  )
}
