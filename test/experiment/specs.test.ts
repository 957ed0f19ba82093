import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { SpecsInvalidError } from '../../src/experiment/errors.js'
import { fileReference } from '../../src/experiment/file-reference.js'
import { reviveSpec } from '../../src/experiment/revive.js'
import { specParser } from '../../src/experiment/specs.js'

const experimentOf = (input: z.ZodObject) =>
  compileExperiment({ input, output: z.object({}) }, function simulate() {}, 'file:///m.ts')
const parserOf = (input: z.ZodObject) => specParser(experimentOf(input))

describe('a spec parser', () => {
  it('returns the result of the schema: defaults, transforms, and absent fields still absent', () => {
    const parse = parserOf(
      z.object({
        n: z.string().transform(Number).pipe(z.int()),
        mode: z.enum(['a', 'b']).default('a'),
        note: z.string().optional(),
      }),
    )
    expect(parse({ n: '4' }, 0)).toEqual({ spec: { n: 4, mode: 'a' } })
  })

  it('names the row, the field and the value of every problem', () => {
    const parse = parserOf(
      z.object({ n: z.int(), wall: z.object({ layers: z.array(z.number()) }), mode: z.enum(['a', 'b']) }),
    )
    expect(parse({ n: 'x', wall: { layers: [1, '2'] } }, 7)).toEqual({
      problems: [
        { row: 7, field: 'n', value: 'x', message: expect.stringContaining('expected number') },
        { row: 7, field: 'wall.layers[1]', value: '2', message: expect.stringContaining('expected number') },
        { row: 7, field: 'mode', value: undefined, message: expect.stringContaining('"a"|"b"') },
      ],
    })
  })

  it('reports a missing field', () => {
    expect(parserOf(z.object({ n: z.int() }))({}, 0)).toMatchObject({
      problems: [{ field: 'n', message: expect.stringContaining('missing') }],
    })
  })

  it.each([null, undefined, 'text', 3, [1]])('rejects a value that is not an object: %j', (value) => {
    expect(parserOf(z.object({ n: z.int().optional() }))(value, 1)).toEqual({
      problems: [{ row: 1, field: '', value, message: expect.stringContaining('expected object') }],
    })
  })

  it('reports a field that the input does not have, and suggests the nearest one', () => {
    const parse = parserOf(z.object({ heating: z.number().optional(), cooling: z.number().optional() }))
    expect(parse({ heatng: 3, cooling: 1 }, 0)).toEqual({
      problems: [{ row: 0, field: 'heatng', value: 3, message: 'Unknown field; did you mean heating?' }],
    })
    expect(parse({ colour: 3, cooling: 1, heating: 1 }, 0)).toMatchObject({
      problems: [{ field: 'colour', message: expect.stringContaining('z.looseObject()') }],
    })
  })

  it('reports an unknown field once if the input is strict', () => {
    expect(parserOf(z.strictObject({ n: z.int() }))({ n: 1, m: 2 }, 0)).toMatchObject({ problems: [{ field: 'm' }] })
  })

  it('reports what each option of a union expected', () => {
    const parsed = parserOf(z.object({ either: z.union([z.string(), z.number(), z.string()]) }))({ either: true }, 0)
    expect(parsed).toMatchObject({
      problems: [{ message: expect.stringMatching(/^[^;]*expected string[^;]*; or [^;]*expected number[^;]*$/) }],
    })
  })

  it('omits unknown fields of a loose input', () => {
    const parsed = parserOf(z.looseObject({ n: z.int() }))({ n: 1, more: 2 }, 0)
    expect(parsed).toMatchObject({ spec: { n: 1 } })
  })

  it('rejects values that the column cannot store', () => {
    const parse = parserOf(
      z.object({
        big: z.bigint().optional(),
        any: z.unknown().optional(),
        list: z.array(z.object({ any: z.any() })).optional(),
      }),
    )
    expect(
      parse({ big: 2n ** 63n - 1n, any: { a: [1, null, 'x', true, { b: undefined }] }, list: [{ any: 1 }] }, 0),
    ).toHaveProperty('spec')
    expect(parse({ big: 2n ** 63n }, 0)).toMatchObject({
      problems: [{ field: 'big', value: 2n ** 63n, message: expect.stringContaining('64-bit') }],
    })
    expect(parse({ big: -(2n ** 63n) - 1n }, 0)).toHaveProperty('problems')
    expect(parse({ any: { a: [1, 2n] } }, 0)).toMatchObject({
      problems: [{ field: 'any.a[1]', value: 2n, message: expect.stringContaining('bigint') }],
    })
    expect(parse({ any: new Date(0) }, 0)).toMatchObject({
      problems: [{ field: 'any', message: expect.stringContaining('Date') }],
    })
    expect(parse({ any: Number.NaN }, 0)).toMatchObject({ problems: [{ message: expect.stringContaining('finite') }] })
    expect(parse({ list: [{ any: 1 }, { any: () => 1 }] }, 0)).toMatchObject({ problems: [{ field: 'list[1].any' }] })
  })

  it('rejects malformed text, wherever it is', () => {
    const parse = parserOf(
      z.object({
        text: z.string().optional(),
        list: z.array(z.string()).optional(),
        any: z.unknown().optional(),
        wall: z.object({ name: z.string() }).optional(),
        either: z.union([z.string(), z.number()]).optional(),
      }),
    )
    expect(parse({ text: '😀', any: { '😀': '😀' } }, 0)).toHaveProperty('spec')
    const cut = '😀'.slice(0, 1)
    const bad: [Record<string, unknown>, string][] = [
      [{ text: cut }, 'text'],
      [{ list: ['a', cut] }, 'list[1]'],
      [{ any: { a: [cut] } }, 'any.a[0]'],
      [{ any: { [cut]: 1 } }, 'any.\\ud83d'],
      [{ wall: { name: `x${cut}` } }, 'wall.name'],
      [{ either: cut }, 'either'],
    ]
    for (const [spec, field] of bad) {
      expect(parse(spec, 2)).toMatchObject({
        problems: [{ row: 2, field, message: expect.stringContaining('surrogate') }],
      })
    }
  })

  it('copies values when they are passed', () => {
    const parse = parserOf(z.object({ any: z.unknown(), day: z.date() }))
    const spec = { any: { n: 1 }, day: new Date(0) }
    const parsed = parse(spec, 0)
    spec.any.n = 2
    spec.day.setTime(5)
    expect(parsed).toMatchObject({ spec: { any: { text: '{"n":1}' }, day: new Date(0) } })
  })

  it('reports an error that a check throws as a problem', () => {
    const parse = parserOf(
      z.object({
        n: z.int().refine((): boolean => {
          throw new Error('no luck')
        }),
      }),
    )
    expect(parse({ n: 1 }, 3)).toMatchObject({
      problems: [{ row: 3, field: '', message: expect.stringContaining('no luck') }],
    })
  })

  it('reports that asynchronous checks are not supported', () => {
    const parse = parserOf(z.object({ n: z.int().refine(async () => true) }))
    expect(() => parse({ n: 1 }, 0)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_INVALID', option: 'input' }))
  })
})

describe('SpecsInvalidError', () => {
  it('lists one problem per line, and counts specs', () => {
    const error = new SpecsInvalidError(
      'simulate',
      [
        { row: 3, field: 'n', value: 'x', message: 'Expected a number' },
        { row: 9, field: '', value: undefined, message: 'Expected an object' },
      ],
      12,
    )
    expect(error).toMatchObject({ code: 'SPECS_INVALID', experiment: 'simulate', count: 12 })
    expect(error.message).toBe(
      '12 specs do not fit the input of simulate; nothing was started.\n  row 3, field n: Expected a number (got "x")\n  row 9: Expected an object',
    )
  })
})

describe('reviving a spec from its row', () => {
  const reviveOf = (input: z.ZodObject) => {
    const revive = reviveSpec(experimentOf(input))
    return (row: Record<string, unknown>) => {
      const columns = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, ['another row', value]]))
      return revive(columns, 1)
    }
  }

  it('returns only own fields, in their order', () => {
    const revive = reviveOf(z.object({ b: z.int(), a: fileReference() }))
    const spec = revive({ experiment_id: 'x', sort_index: 3, storage_settings: null, a: 's3://b/k', b: 2 })
    expect(Object.entries(spec)).toEqual([
      ['b', 2],
      ['a', 's3://b/k'],
    ])
  })

  it('makes null absent if the schema does not allow null', () => {
    const revive = reviveOf(
      z.object({
        optional: z.int().optional(),
        nullable: z.int().nullable(),
        nullish: z.int().nullish(),
        any: z.unknown(),
      }),
    )
    const spec = revive({ optional: null, nullable: null, nullish: null, any: null })
    expect(spec).toEqual({ nullable: null, nullish: null, any: null })
    expect('optional' in spec).toBe(false)
  })

  it('makes null absent within objects and lists too', () => {
    const revive = reviveOf(
      z.object({
        wall: z.object({ u: z.number().optional(), v: z.number().nullable() }).optional(),
        layers: z.array(z.object({ d: z.number().optional() })).nullable(),
        gaps: z.array(z.number().optional()),
        plain: z.array(z.number().nullable()),
      }),
    )
    const plain = [1, null]
    const spec = revive({ wall: { u: null, v: null }, layers: [{ d: null }, { d: 2 }], gaps: [1, null], plain })
    expect(spec).toStrictEqual({ wall: { v: null }, layers: [{}, { d: 2 }], gaps: [1, undefined], plain: [1, null] })
    expect(
      reviveOf(z.object({ w: z.union([z.object({ a: z.int().optional() }), z.null()]) }))({ w: { a: null } }),
    ).toStrictEqual({ w: {} })
  })

  it('is the inverse of writing, for any valid spec', () => {
    const input = z.object({
      n: z.int(),
      x: z.number().nullable(),
      note: z.string().optional(),
      wall: z.object({ u: z.number().optional(), tags: z.array(z.string().nullable()) }).optional(),
      many: z.array(z.object({ a: z.boolean().optional() })),
    })
    const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
    const specs = fc
      .record({
        n: fc.maxSafeInteger(),
        x: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
        note: optional(fc.string()),
        wall: optional(fc.record({ u: optional(fc.integer()), tags: fc.array(fc.option(fc.string())) })),
        many: fc.array(fc.record({ a: optional(fc.boolean()) })),
      })
      .map((spec) => withoutUndefined(spec) as Record<string, unknown>)
    const parse = parserOf(input)
    const revive = reviveOf(input)
    fc.assert(
      fc.property(specs, (given) => {
        const parsed = parse(given, 0)
        if (!('spec' in parsed)) throw new Error(JSON.stringify(parsed))
        expect(revive(asRow(parsed.spec, input) as Record<string, unknown>)).toStrictEqual(given)
      }),
    )
  })
})

/** Structs in a column have all their fields. */
function asRow(value: unknown, schema: z.ZodType): unknown {
  const inner =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? (schema.unwrap() as z.ZodType) : schema
  if (value === undefined || value === null) return null
  if (inner instanceof z.ZodArray) return (value as unknown[]).map((item) => asRow(item, inner.element as z.ZodType))
  if (!(inner instanceof z.ZodObject)) return value
  return Object.fromEntries(
    Object.entries(inner.shape).map(([name, field]) => [
      name,
      asRow((value as Record<string, unknown>)[name], field as z.ZodType),
    ]),
  )
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => (part === undefined ? [] : [[name, withoutUndefined(part)]])),
  )
}
