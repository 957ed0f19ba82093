import fc from 'fast-check'

/** Code that would leave a file behind if it ran. */
export const EVIL = "((await import('node:fs')).writeFileSync('pwned','x'),1)"

// Texts that mean something in code, and keywords of JSON Schema with values of every type.
const odd = fc.constantFrom(
  "'",
  '"',
  '`',
  '\\',
  '$' + '{1}',
  '*/',
  '/*',
  '\n',
  ')',
  '(',
  EVIL,
  '__proto__',
  '\u2028',
  '\ud800',
)
export const anyText = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('a', 'delete', 'a-b'))
const anyValue = fc.oneof({ depthSize: 'small' }, anyText, fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.integer())
const scalar = fc.oneof(anyText, fc.double(), fc.boolean(), fc.constant(null))
export const { schema: anySchema } = fc.letrec<{ schema: object; any: unknown }>((tie) => {
  const schemas = fc.array(tie('schema'), { minLength: 1, maxLength: 2 })
  const fields = fc.dictionary(anyText, tie('schema'), { maxKeys: 2 })
  const plain = {
    type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', 'array', 'object', ['string', 'null']),
    $ref: anyText.map((name) => `#/$defs/${name}`),
    description: anyText,
    default: anyValue,
    const: anyValue,
    enum: fc.array(scalar, { minLength: 1, maxLength: 3 }),
    format: fc.oneof(anyText, fc.constantFrom('date', 'date-time', 'uri')),
    pattern: anyText,
    minLength: fc.nat(),
    maxItems: fc.nat(),
    minimum: fc.double({ noNaN: true, noDefaultInfinity: true }),
    multipleOf: fc.double({ min: 1e-9, max: 1e300, noNaN: true }),
    required: fc.array(anyText, { maxLength: 2 }),
    'x-scythe': fc.constantFrom('file', 'x'),
  }
  const leaf = fc.record(plain, { requiredKeys: [] })
  const right = fc.record(
    {
      ...plain,
      items: tie('schema'),
      prefixItems: schemas,
      anyOf: schemas,
      allOf: schemas,
      properties: fields,
      additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
    },
    { requiredKeys: [] },
  )
  const broken = fc
    .tuple(right, fc.constantFrom('type', 'minLength', 'enum', 'items', 'properties', '$ref', 'anyOf'), anyValue)
    .map(([schema, key, value]) => ({ ...schema, [key]: value }))
  return {
    schema: fc.oneof(
      { maxDepth: 3 },
      { arbitrary: leaf, weight: 5 },
      { arbitrary: right, weight: 4 },
      { arbitrary: broken, weight: 1 },
    ),
    any: anyValue,
  }
})
