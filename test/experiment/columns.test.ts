import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { columnsOf } from '../../src/experiment/columns.js'
import type { ColumnType } from '../../src/table/schema.js'

const typeOf = (field: z.ZodType) => columnsOf(z.object({ field }))[0]!.type

const int64: ColumnType = { kind: 'int64' }
const double: ColumnType = { kind: 'double' }
const string: ColumnType = { kind: 'string' }
const boolean: ColumnType = { kind: 'boolean' }
const date: ColumnType = { kind: 'date' }
const timestamp: ColumnType = { kind: 'timestamp' }
const json: ColumnType = { kind: 'json' }
const mixed: ColumnType = { kind: 'string', mixed: true }
const bigint: ColumnType = { kind: 'int64', bigint: true }

interface Tree {
  value: number
  children: Tree[]
}
const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ value: z.number(), children: z.array(Tree) }))
const Category = z.object({
  name: z.string(),
  get within() {
    return z.array(Category)
  },
})

describe('columns of a schema', () => {
  it.each<[string, z.ZodType, ColumnType]>([
    ['z.int()', z.int(), int64],
    ['z.number().int()', z.number().int().min(1), int64],
    ['z.int32()', z.int32(), int64],
    ['z.uint32()', z.uint32(), int64],
    ['z.coerce.number().int()', z.coerce.number().int(), int64],
    ['an integer that is overwritten', z.int().overwrite((n) => n / 2), double],
    ['z.number()', z.number(), double],
    ['z.float32()', z.float32(), double],
    ['z.nan()', z.nan(), double],
    ['z.bigint()', z.bigint(), bigint],
    ['z.int64()', z.int64(), bigint],
    ['z.string()', z.string().min(1), string],
    ['z.email()', z.email(), string],
    ['z.iso.datetime()', z.iso.datetime(), string],
    ['z.templateLiteral()', z.templateLiteral(['v', z.int()]), string],
    ['z.enum()', z.enum(['a', 'b']), string],
    ['an enum of numbers', z.enum({ low: 1, high: 2 }), int64],
    ['z.literal() of a text', z.literal('a'), string],
    ['z.literal() of texts and null', z.literal(['a', null]), string],
    ['z.literal() of whole numbers', z.literal([1, 2]), int64],
    ['z.literal() of fractions', z.literal([1, 2.5]), double],
    ['z.literal() of a boolean', z.literal(true), boolean],
    ['z.literal() of a bigint', z.literal(1n), bigint],
    ['z.literal() of several types', z.literal(['a', 1, true, null]), mixed],
    ['an enum of TypeScript, of numbers', z.enum({ 0: 'Euler', 1: 'Heun', Euler: 0, Heun: 1 }), int64],
    ['an enum of fractions', z.enum({ low: 0.5, high: 2 }), double],
    ['an enum of numbers and texts', z.enum({ low: 1, high: 'x' }), mixed],
    ['z.boolean()', z.boolean(), boolean],
    ['z.stringbool()', z.stringbool(), boolean],
    ['z.success()', z.success(z.string()), boolean],
    ['z.iso.date()', z.iso.date(), date],
    ['z.date()', z.date(), timestamp],
    ['z.array()', z.array(z.int()), { kind: 'list', item: int64 }],
    [
      'z.object()',
      z.object({ a: z.int(), b: z.string() }),
      {
        kind: 'struct',
        fields: [
          { name: 'a', type: int64 },
          { name: 'b', type: string },
        ],
      },
    ],
    ['an object without fields', z.object({}), json],
    ['z.looseObject()', z.looseObject({ a: z.int() }), json],
    ['z.strictObject()', z.strictObject({ a: z.int() }), { kind: 'struct', fields: [{ name: 'a', type: int64 }] }],
    ['z.record()', z.record(z.string(), z.number()), json],
    ['z.tuple()', z.tuple([z.string(), z.number()]), json],
    ['z.any()', z.any(), json],
    ['z.unknown()', z.unknown(), json],
    ['z.null()', z.null(), json],
    ['z.json()', z.json(), json],
    ['z.lazy() of itself', Tree, json],
    ['a getter of itself', Category, json],
    ['z.lazy() of something else', z.lazy(() => z.string()), string],
    ['a union of one kind', z.union([z.string(), z.email()]), string],
    ['a union with null', z.union([z.string(), z.null()]), string],
    ['a union of integers and numbers', z.union([z.int(), z.number()]), double],
    ['a union of dates and texts', z.union([z.iso.date(), z.string()]), string],
    ['a union of texts and others', z.union([z.string(), z.number(), z.undefined()]), mixed],
    ['a union of texts and lists', z.union([z.string(), z.array(z.number())]), json],
    [
      'a discriminated union',
      z.discriminatedUnion('t', [z.object({ t: z.literal('a') }), z.object({ t: z.literal('b'), x: z.int() })]),
      json,
    ],
    ['an intersection of texts', z.intersection(z.string(), z.email()), string],
    ['an intersection of objects', z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() })), json],
    ['.optional()', z.int().optional(), int64],
    ['.nullable()', z.int().nullable(), int64],
    ['.nullish()', z.iso.date().nullish(), date],
    ['.default()', z.int().default(3), int64],
    ['.prefault()', z.string().prefault('a'), string],
    ['.catch()', z.int().catch(3), int64],
    ['.readonly()', z.array(z.int()).readonly(), { kind: 'list', item: int64 }],
    ['.brand() and .describe()', z.int().brand('Id').describe('An id'), int64],
    ['a pipe', z.string().transform(Number).pipe(z.int()), int64],
    ['z.preprocess()', z.preprocess(Number, z.number()), double],
    [
      'a codec',
      z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (d) => d.toISOString() }),
      timestamp,
    ],
    ['z.custom() in a pipe', z.custom<string>().pipe(z.string()), string],
  ])('%s', (_name, schema, type) => {
    expect(typeOf(schema)).toEqual(type)
  })

  it('keep the order of the fields', () => {
    expect(columnsOf(z.object({ b: z.int(), a: z.string() })).map(({ name }) => name)).toEqual(['b', 'a'])
  })

  it.each<[string, z.ZodType, string, RegExp]>([
    ['a transform', z.string().transform(Number), 'field', /\.transform\(f\)\.pipe\(z\.number\(\)\)/],
    ['z.custom()', z.custom<string>(), 'field', /\.pipe\(z\.string\(\)\)/],
    ['z.instanceof()', z.instanceof(URL), 'field', /custom/],
    ['z.map()', z.map(z.string(), z.number()), 'field', /z\.record\(\)/],
    ['z.set() in a list', z.array(z.set(z.int())), 'field[]', /z\.array\(\)/],
    ['z.file()', z.file(), 'field', /fileReference\(\)/],
    ['z.function()', z.function(), 'field', /values only/],
    ['z.promise()', z.promise(z.int()), 'field', /await/],
    ['z.symbol()', z.symbol(), 'field', /z\.string\(\)/],
    ['z.undefined()', z.undefined(), 'field', /\.optional\(\)/],
    ['z.never()', z.never().optional(), 'field', /remove/],
    ['z.uint64()', z.uint64(), 'field', /z\.int64\(\)/],
    ['a map within an object', z.object({ deep: z.map(z.string(), z.int()) }), 'field.deep', /map/],
    ['a bigint within JSON', z.record(z.string(), z.object({ n: z.bigint() })), 'field{}.n', /bigint/],
    ['a Date within JSON', z.tuple([z.string(), z.date()]), 'field[1]', /z\.iso\.datetime\(\)/],
    ['a Date in the catchall of a loose object', z.object({}).catchall(z.date()), 'field{}', /Date/],
    ['a bigint in a union', z.union([z.bigint(), z.string()]), 'field', /bigint/],
    ['a literal of bigint and text', z.literal([1n, 'a']), 'field', /bigint/],
  ])('reject %s, with the place of the field and an alternative', (_name, schema, path, problem) => {
    expect(() => typeOf(schema)).toThrow(expect.objectContaining({ path, problem: expect.stringMatching(problem) }))
  })

  it('are unchanged by wrappers that keep the type of a field', () => {
    const wrappers: ((schema: z.ZodType) => z.ZodType)[] = [
      (schema) => schema.optional(),
      (schema) => schema.nullable(),
      (schema) => schema.readonly(),
      (schema) => schema.describe('…'),
      (schema) => schema.refine(() => true),
      (schema) => z.lazy(() => schema),
      (schema) => z.unknown().pipe(schema),
      (schema) => z.union([schema, z.null()]),
    ]
    const bases = [
      z.int(),
      z.number(),
      z.string(),
      z.iso.date(),
      z.date(),
      z.bigint(),
      z.boolean(),
      z.array(z.int()),
      z.object({ a: z.int() }),
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.array(fc.constantFrom(...wrappers), { maxLength: 5 }),
        (base, around) => {
          const wrapped = around.reduce<z.ZodType>((schema, wrap) => wrap(schema), base)
          expect(typeOf(wrapped)).toEqual(typeOf(base))
        },
      ),
    )
  })
})
