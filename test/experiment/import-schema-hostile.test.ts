import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importSchema } from '../../src/experiment/import-schema.js'
import type { TableSchema } from '../../src/table/schema.js'
import { anySchema, anyText, EVIL } from '../../tools/fuzz/any-schema.js'
import { foreign } from '../../tools/fuzz/foreign-code.js'

const input = (properties: object, more: object = {}) => ({
  properties: { input: { type: 'object', properties }, output: { type: 'object', properties: {} } },
  ...more,
})
const a = (schema: unknown) => input({ a: schema })

describe('values of an io spec', () => {
  it.each([
    ['minLength', { type: 'string', minLength: EVIL }],
    ['maxLength', { type: 'string', maxLength: EVIL }],
    ['minItems', { type: 'array', minItems: EVIL }],
    ['maxItems', { type: 'array', maxItems: { toString: EVIL } }],
    ['minimum', { type: 'number', minimum: EVIL }],
    ['description', { type: 'number', description: { length: 1 } }],
    ['items', { type: 'array', items: EVIL }],
    ['items.minLength', { type: 'array', items: { type: 'string', minLength: -1 } }],
    ['anyOf.0.maxLength', { anyOf: [{ type: 'string', maxLength: 1.5 }] }],
    ['$ref', { $ref: 7 }],
    ['required', { type: 'object', properties: {}, required: 'a' }],
  ])('are rejected with their place if they have another type: %s', (place, schema) => {
    expect(() => importSchema(a(schema), 'survey')).toThrowError(
      expect.objectContaining({ code: 'EXPERIMENT_INVALID', option: `properties.input.properties.a.${place}` }),
    )
  })

  it('are rejected if they contain themselves, are too deep or are not JSON', () => {
    const round: Record<string, unknown> = { type: 'array' }
    round.items = round
    let deep: object = {}
    for (let n = 0; n < 500; n++) deep = { items: deep }
    expect(() => importSchema(a(round), 'survey')).toThrow('has a part that contains itself')
    expect(() => importSchema(a(deep), 'survey')).toThrow('is more than 100 levels deep')
    expect(() => importSchema(a({ default: new Date(0) }), 'survey')).toThrow('has a Date, which JSON has not')
  })

  it('become literals, whatever names and texts they contain', () => {
    const odd = [
      "'",
      '\\',
      '`$' + '{x}`',
      '*/',
      '\n',
      '\u2028',
      '\u202e',
      '//',
      'delete',
      'a-b',
      '__proto__',
      'constructor',
    ]
    const nested = { type: 'object', properties: Object.fromEntries(odd.map((name) => [name, { type: 'number' }])) }
    const module = importSchema(
      a({
        ...nested,
        description: `*/${EVIL}/*`,
        default: JSON.parse('{"__proto__":{"x":"it\'s"},"b":[null,true,-0.5]}'),
      }),
      'survey',
    )
    expect(foreign(module)).toEqual([])
    expect(module).toContain("['__proto__']: z.number().optional()")
    expect(module).toContain("'a-b': z.number().optional()")
    expect(module).not.toMatch(/[\u2028\u202e]/)
    expect(module).toContain("{ ['__proto__']: { x: 'it\\'s' }, b: [null, true, -0.5] }")
  })

  it('are rejected as field names that would fail when the module is loaded', () => {
    const named = JSON.parse('{"__proto__":{"type":"number"}}')
    expect(() => importSchema(input(named), 'survey')).toThrow('the field "__proto__" of input is expected to be')
  })
})

it.each(['delete', 'z', 'remote_experiment', '1st', 'größe', '***', 'date', 'a_input'])(
  'an experiment may be named %s',
  (name) => {
    expect(foreign(importSchema(a({ type: 'number' }), name))).toEqual([])
  },
)

it('definitions may have any names, including keywords, names that the module uses and names of each other', () => {
  const names = ['Date', 'RegExp', 'z', 'delete', 'a b', 'a_b', 'SurveyInput', 'Survey', 'constructor', '"', 'Z']
  const $defs = Object.fromEntries(names.map((name, n) => [name, { type: 'string', minLength: n, pattern: 'a' }]))
  const fields = Object.fromEntries(names.map((name, n) => [`f${n}`, { $ref: `#/$defs/${name}` }]))
  const module = importSchema(input(fields, { $defs }), 'survey')
  expect(foreign(module)).toEqual([])
  expect(new Set(module.match(/\.min\(\d+\)/g)).size).toBe(names.length)
})

it('definitions that refer to themselves outside an object are evaluated lazily', () => {
  const $defs = {
    Tree: { type: 'array', items: { $ref: '#/$defs/Tree' } },
    Same: { $ref: '#/$defs/Same' },
    Odd: { type: 'object', properties: { x: { $ref: '#/$defs/Even' } } },
    Even: { anyOf: [{ $ref: '#/$defs/Odd' }, { type: 'null' }] },
  }
  const module = importSchema(
    input({ t: { $ref: '#/$defs/Tree' }, s: { $ref: '#/$defs/Same' }, o: { $ref: '#/$defs/Odd' } }, { $defs }),
    'survey',
  )
  expect(foreign(module)).toEqual([])
  expect(module).toContain('export const Tree = z.array(z.lazy(() => Tree))')
  expect(module).toContain('  s: z.unknown().optional()')
})

it('columns and tables of a run are written as literals', () => {
  const columns = ['a', EVIL, 'delete', "it's"].map((name) => ({ name, type: { kind: 'double' as const } }))
  const table: TableSchema = { columns, index: [] }
  const module = importSchema(a({ type: 'number' }), 'survey', { 'a-b': table, [EVIL]: table })
  expect(foreign(module)).toEqual([])
  expect(module).toContain("    'a-b': z.object({")
})

it("any schema becomes a module that runs only Scythe's own code, or is rejected", () => {
  const sides = fc.dictionary(fc.constantFrom('a', 'b', 'delete', "'", '`', '*/', EVIL), anySchema, { maxKeys: 3 })
  let written = 0
  fc.assert(
    fc.property(
      sides,
      sides,
      fc.dictionary(anyText, anySchema, { maxKeys: 3 }),
      anyText,
      (properties, output, $defs, name) => {
        const spec = {
          $defs,
          properties: { input: { type: 'object', properties }, output: { type: 'object', properties: output } },
        }
        let module: string
        try {
          module = importSchema(spec, name)
        } catch (error) {
          expect(error).toMatchObject({ code: 'EXPERIMENT_INVALID' })
          return
        }
        written += 1
        expect(foreign(module)).toEqual([])
      },
    ),
    { numRuns: 300 },
  )
  expect(written).toBeGreaterThan(50)
})
