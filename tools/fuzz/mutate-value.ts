import type { Random } from '../chaos/random.js'

type Value = unknown

const ODD: readonly Value[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  255,
  65536,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  1e15,
  1e308,
  -1e308,
  '',
  ' ',
  'x',
  '__proto__',
  'constructor',
  '..',
  '../../x',
  '/etc/passwd',
  'a/b',
  'NaN',
  '\u202e\u0000\u001b[2J',
  '\ud800',
  'é'.repeat(300),
  'x'.repeat(5000),
  'file:///tmp',
  's3://bucket/key',
  'data:text/javascript,1',
  [],
  [null],
  {},
  { length: 1 },
  { toString: 1 },
  JSON.parse('{"__proto__":{"x":1}}'),
]

/** Returns a value of JSON in which a few parts are others, are missing, or are too many. */
export function damagedValue(good: Value, random: Random): Value {
  let value = structuredClone(good)
  const steps = random.magnitude(1, 4)
  for (let step = 0; step < steps; step++) value = damageOnce(value, random)
  return value
}

/** A value of any other kind than most are. */
export function oddValue(random: Random): Value {
  return structuredClone(random.pick(ODD))
}

function damageOnce(value: Value, random: Random): Value {
  const places = placesIn(value)
  if (places.length === 0 || random.chance(0.02)) return oddValue(random)
  const { holder, key } = random.pick(places)
  const part = holder[key]
  switch (random.whole(0, 6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1)
      else delete holder[key]
      break
    case 1:
      holder[key] = [part]
      break
    case 2:
      holder[key] = structuredClone(random.pick(places).holder)
      break
    case 3:
      if (Array.isArray(holder)) holder.push(...Array.from({ length: random.magnitude(1, 300) }, () => part))
      else holder[String(random.pick(['__proto__', 'constructor', 'x', '', 'tables', key]))] = part
      break
    case 4:
      holder[key] = nested(part, random.magnitude(1, 400))
      break
    default:
      holder[key] = oddValue(random)
  }
  return value
}

interface Place {
  readonly holder: Record<string, Value>
  readonly key: string
}

function placesIn(value: Value, places: Place[] = [], depth = 0): Place[] {
  if (typeof value !== 'object' || value === null || depth > 50 || places.length > 2000) return places
  for (const key of Object.keys(value)) {
    places.push({ holder: value as Record<string, Value>, key })
    placesIn((value as Record<string, Value>)[key], places, depth + 1)
  }
  return places
}

function nested(value: Value, depth: number): Value {
  let whole = value
  for (let level = 0; level < depth; level++) whole = level % 2 === 0 ? [whole] : { a: whole }
  return whole
}
