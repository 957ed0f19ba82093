/** Returns a JSON value as TypeScript has it. Every value from outside that is written into code goes through here. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object') throw new TypeError(`No literal of a ${typeof value}.`)
  const fields = Object.entries(value).map(([name, part]) => `${keyText(name)}: ${literal(part)}`)
  return fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}'
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'Number.NaN'
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  return value > 0 ? 'Number.POSITIVE_INFINITY' : 'Number.NEGATIVE_INFINITY'
}

/** What an editor does not show, or shows in another order, is written as an escape. */
const UNSEEN = /[\p{C}\u2028\u2029]/gu

function text(value: string): string {
  const inner = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replace(UNSEEN, escaped)}'`
}

function escaped(letter: string): string {
  const units = Array.from({ length: letter.length }, (_, at) => letter.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** Returns a field's name as an object's literal has it. */
export function keyText(name: string): string {
  // Written plainly it would set the object's prototype.
  if (name === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)
}
