/**
 * Returns a JSON value as a TypeScript literal. Every external value that is written into code is
 * converted here.
 */
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

/** Characters that an editor hides or reorders. They are written as escapes. */
const UNSEEN = /[\p{C}\u2028\u2029]/gu

function text(value: string): string {
  const inner = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replace(UNSEEN, escaped)}'`
}

function escaped(letter: string): string {
  const units = Array.from({ length: letter.length }, (_, at) => letter.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** Returns a field's name as a key of an object literal. */
export function keyText(name: string): string {
  // As an ordinary key, it would set the object's prototype.
  if (name === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)
}

/** Words that cannot name a constant, and names that the written module itself uses. */
const TAKEN =
  `await break case catch class const continue debugger default delete do else enum export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static super switch
  this throw true try typeof var void while with yield arguments eval undefined
  z fileReference remoteExperiment Date Number RegExp`.split(/\s+/)

/** Chooses unique names for the constants of a module. */
export interface ConstantNames {
  /** Returns `wanted`, with a suffix if the name is taken. */
  take(wanted: string): string
}

export function constantNames(): ConstantNames {
  const taken = new Set(TAKEN)
  return {
    take(wanted) {
      const letters = wanted.replace(/[^A-Za-z0-9_$]/g, '')
      const base = /^[A-Za-z_$]/.test(letters) ? letters : `_${letters}`
      let name = base
      for (let n = 2; taken.has(name); n++) name = `${base}${n}`
      taken.add(name)
      return name
    },
  }
}
