import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { type Encoding, rowConverter } from '../../src/experiment/convert.js'
import { fileReference } from '../../src/experiment/file-reference.js'

function convert(encoding: Encoding, shape: z.ZodRawShape, row: Record<string, unknown>) {
  const schemas = { input: z.object(shape), output: z.object({ y: z.number() }) }
  const experiment = compileExperiment(schemas, function grow() {}, 'file:///grow.js')
  const spec = rowConverter(experiment, encoding)(row)
  return { spec, isValid: z.safeParse(schemas.input, spec).success }
}

/** What a cell becomes, and that the schema takes it. */
function cell(schema: z.ZodType, text: string | null) {
  const { spec, isValid } = convert('text', { field: schema }, { field: text })
  return isValid ? spec.field : `refused: ${JSON.stringify(spec.field)}`
}

function datum(schema: z.ZodType, value: unknown) {
  const { spec, isValid } = convert('data', { field: schema }, { field: value })
  return isValid ? spec.field : 'refused'
}

describe('a text cell', () => {
  it('is not a date unless the date is in the calendar, however it is written', () => {
    for (const text of ['2026-02-30', '31.04.2026', '2026-02-29T10:00', '31.6.2026 7:05', '2026-04-31 10:00:00+02:00'])
      expect(cell(z.date(), text)).toBe(`refused: ${JSON.stringify(text)}`)
    expect(cell(z.date(), '29.02.2028')).toEqual(new Date('2028-02-29'))
    expect(datum(z.date(), '2026-02-30T00:00:00Z')).toBe('refused')
  })

  it('keeps leading zeros if the schema allows a text', () => {
    const codes = z.union([z.number(), z.string()])
    expect(['01067', ' 007', '0', '0.5', '12'].map((text) => cell(codes, text))).toEqual(['01067', ' 007', 0, 0.5, 12])
    expect(cell(z.number(), '007')).toBe(7)
  })

  it('is converted to the type in the schema', () => {
    expect(cell(z.number(), ' -1.5e3 ')).toBe(-1500)
    expect(cell(z.int(), '3.0')).toBe(3)
    expect(cell(z.bigint(), '9007199254740993')).toBe(9007199254740993n)
    expect(cell(z.string(), '007')).toBe('007')
    expect(cell(z.string(), ' a ')).toBe(' a ')
    expect(['true', 'TRUE', '1', 'False', '0'].map((text) => cell(z.boolean(), text))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect(cell(z.enum(['low', 'high']), 'high ')).toBe('high')
    expect(cell(z.literal([1, 2, 'auto', true]), '2')).toBe(2)
    expect(cell(z.literal(true), '1')).toBe(true)
    expect(cell(fileReference(), 'weather/a.epw')).toBe('weather/a.epw')
  })

  it('is a time in UTC unless it has an offset', () => {
    expect(cell(z.date(), '2026-02-03')).toEqual(new Date('2026-02-03T00:00:00Z'))
    expect(cell(z.date(), '2026-02-03 04:05:06')).toEqual(new Date('2026-02-03T04:05:06Z'))
    expect(cell(z.date(), '2026-02-03T04:05+01:00')).toEqual(new Date('2026-02-03T03:05:00Z'))
    expect(cell(z.iso.date(), '2026-02-03')).toBe('2026-02-03')
  })

  it('is parsed as JSON for lists and objects, including values without a JSON type', () => {
    expect(cell(z.array(z.number()), '[1, 2.5]')).toEqual([1, 2.5])
    const schema = z.object({ id: z.bigint(), days: z.array(z.date()) })
    expect(cell(schema, '{"id":"12345678901234567890","days":["2026-02-03"]}')).toEqual({
      id: 12345678901234567890n,
      days: [new Date('2026-02-03')],
    })
    expect(cell(z.record(z.string(), z.number()), '{"a":1}')).toEqual({ a: 1 })
    expect(cell(z.unknown(), '{"a":[1]}')).toEqual({ a: [1] })
    expect(cell(z.unknown(), 'words')).toBe('words')
  })

  it('is converted to the input type of a transform, through any wrappers', () => {
    expect(cell(z.number().min(0).default(3).readonly(), '4')).toBe(4)
    expect(cell(z.string().transform(Number).pipe(z.number()), '12')).toBe('12')
    expect(
      cell(
        z.preprocess((value) => value, z.number()),
        '12',
      ),
    ).toBe(12)
    expect(cell(z.stringbool(), 'yes')).toBe('yes')
    expect(cell(z.coerce.boolean(), 'false')).toBe(false)
  })

  it.each([
    ['2024-05-06 07:08:09', z.iso.datetime(), '2024-05-06T07:08:09.000Z'],
    ['2024-05-06 07:08:09.123456789', z.iso.datetime(), '2024-05-06T07:08:09.123456789Z'],
    ['2024-05-06 07:08:09.25+00', z.iso.datetime(), '2024-05-06T07:08:09.250Z'],
    ['2024-05-06 07:08:09+02:00', z.iso.datetime(), '2024-05-06T05:08:09.000Z'],
    ['2024-05-06 07:08:09 +0200', z.iso.datetime({ offset: true }), '2024-05-06T07:08:09+02:00'],
    ['2024-05-06 07:08:09', z.iso.datetime({ precision: 0 }), '2024-05-06T07:08:09Z'],
    ['2024-05-06', z.iso.datetime(), '2024-05-06T00:00:00.000Z'],
    ['6.5.2024 7:08', z.iso.datetime(), '2024-05-06T07:08:00.000Z'],
    ['06.05.2024 07:08:09', z.date(), new Date('2024-05-06T07:08:09Z')],
    ['06.05.2024', z.iso.date(), '2024-05-06'],
    ['31.13.2024', z.iso.date(), 'refused: "31.13.2024"'],
    ['2024-05-06 00:00:00', z.iso.date(), '2024-05-06'],
    ['2024-05-06 07:00:00', z.iso.date(), 'refused: "2024-05-06 07:00:00"'],
    ['2024-13-06 07:00:00', z.iso.datetime(), 'refused: "2024-13-06 07:00:00"'],
    ['2024-05-06 07:08:09', z.string(), '2024-05-06 07:08:09'],
    ['2024-05-06 07:08:09+00', z.date(), new Date('2024-05-06T07:08:09Z')],
  ])('%s is converted to the form that its field accepts, or is rejected', (text, schema, expected) => {
    expect(cell(schema, text)).toEqual(expected)
  })

  it.each([
    ['a number', z.number(), `${'1'.repeat(200_000)}n`],
    ['a boolean', z.boolean(), `${' '.repeat(200_000)}t`],
    ['a bigint', z.bigint(), `${'1'.repeat(200_000)}n`],
    ['a date', z.date(), `2026-01-01 00:00:00.${'0'.repeat(200_000)}n`],
    ['a time', z.iso.datetime(), `${'2026-01-01 00:00:00.'.repeat(10_000)}`],
    ['a list', z.array(z.number()), `[${'1'.repeat(200_000)}`],
  ])('that is not %s is rejected quickly, however long it is', (_, schema, text) => {
    const began = performance.now()
    expect(cell(schema, text)).toMatch(/^refused/)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('is converted to the first type of a union that accepts it', () => {
    expect(cell(z.union([z.number(), z.string()]), '12')).toBe(12)
    expect(cell(z.union([z.number(), z.string()]), '12a')).toBe('12a')
    expect(cell(z.union([z.literal('auto'), z.number()]), '5')).toBe(5)
  })

  it('stays unchanged if it does not match the schema', () => {
    expect(['', '0x10', '1,5', 'NaN', 'Infinity'].map((text) => cell(z.number(), text))).toEqual(
      ['', '0x10', '1,5', 'NaN', 'Infinity'].map((text) => `refused: ${JSON.stringify(text)}`),
    )
    expect(cell(z.int(), '9007199254740993')).toMatch(/refused/)
    expect(cell(z.bigint(), '1.0')).toBe('refused: "1.0"')
    expect(cell(z.boolean(), 'yes')).toBe('refused: "yes"')
    expect(['WAHR', 'Faux', 'VERO'].map((text) => cell(z.boolean(), text))).toEqual([true, false, true])
    expect(cell(z.date(), '2026-13-01')).toBe('refused: "2026-13-01"')
    expect(cell(z.array(z.number()), '1;2')).toBe('refused: "1;2"')
  })

  it('is null if it is blank, and absent if the field may be absent but not null', () => {
    const shape = {
      a: z.number().nullable(),
      b: z.number().optional(),
      c: z.number().default(4),
      d: z.number().nullish(),
      e: z.number(),
    }
    expect(convert('text', shape, { a: null, b: null, c: null, d: null, e: null }).spec).toEqual({
      a: null,
      d: null,
      e: null,
    })
  })
})

describe('a value of JSON or Parquet', () => {
  it('is kept, except for values that the format has no type for', () => {
    expect(datum(z.number(), '12')).toBe('refused')
    expect(datum(z.union([z.number(), z.string()]), '12')).toBe('12')
    expect(datum(z.bigint(), '9007199254740993')).toBe(9007199254740993n)
    expect(datum(z.bigint(), 12)).toBe(12n)
    expect(datum(z.bigint(), 2 ** 53)).toBe('refused')
    expect(datum(z.int(), 12n)).toBe(12)
    expect(datum(z.date(), '2026-02-03T00:00:00Z')).toEqual(new Date('2026-02-03T00:00:00Z'))
    expect(datum(z.object({ at: z.date().optional(), n: z.bigint() }), { n: 1 })).toEqual({ n: 1n })
    expect(datum(z.array(z.number()), '[1]')).toEqual([1])
  })

  it('may belong to a recursive schema', () => {
    const tree: z.ZodType = z.object({
      at: z.string(),
      get parts() {
        return z.array(tree)
      },
    })
    expect(datum(tree, { at: 'a', parts: [{ at: 'b', parts: [] }] })).toEqual({
      at: 'a',
      parts: [{ at: 'b', parts: [] }],
    })
  })
})

describe('a row of specs', () => {
  it('loses the columns that Scythe adds to specs, and keeps unknown columns for validation to report', () => {
    const row = {
      experiment_id: 'a/v1.0.0/t',
      sort_index: 4,
      storage_settings: null,
      error_code: 'X',
      n: 1,
      m: 2,
      __index_level_0__: 7,
    }
    expect(convert('data', { n: z.number() }, row).spec).toEqual({ n: 1, m: 2 })
  })
})
