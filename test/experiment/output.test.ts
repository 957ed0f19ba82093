import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { fileReference } from '../../src/experiment/file-reference.js'
import { outputParser } from '../../src/experiment/output.js'

const parserOf = (output: z.ZodObject, tables: Record<string, z.ZodObject> = {}) =>
  outputParser(compileExperiment({ input: z.object({}), output, tables }, function simulate() {}, 'file:///m.ts'))

describe('an output parser', () => {
  it('returns scalars as the schema transforms them, and names undeclared fields', () => {
    const parse = parserOf(z.object({ energy: z.number(), label: z.string().default('none') }))
    expect(parse({ energy: 1, scratch: 'x' })).toEqual({
      output: { scalars: { energy: 1, label: 'none' }, files: {}, tables: {}, undeclared: ['scratch'] },
    })
  })

  it('returns the files that exist, apart from scalars', () => {
    const parse = parserOf(
      z.object({
        energy: z.number(),
        report: fileReference(),
        log: fileReference().optional(),
        plot: fileReference().nullable(),
      }),
    )
    expect(parse({ energy: 1, report: '/tmp/r.txt', plot: null })).toEqual({
      output: { scalars: { energy: 1 }, files: { report: '/tmp/r.txt' }, tables: {}, undeclared: [] },
    })
  })

  it('returns validated rows of tables', () => {
    const parse = parserOf(z.strictObject({ energy: z.number() }), {
      hourly: z.object({ hour: z.int(), load: z.number().default(0) }),
      empty: z.object({}),
    })
    expect(parse({ energy: 1, tables: { hourly: [{ hour: 0, load: 2 }, { hour: 1 }], empty: [] } })).toEqual({
      output: {
        scalars: { energy: 1 },
        files: {},
        tables: {
          hourly: [
            { hour: 0, load: 2 },
            { hour: 1, load: 0 },
          ],
          empty: [],
        },
        undeclared: [],
      },
    })
  })

  const tables = { hourly: z.object({ hour: z.int() }) }
  it.each<[string, unknown, Record<string, z.ZodObject>, RegExp]>([
    ['nothing', undefined, {}, /object with energy, got undefined/],
    ['a list', [1], {}, /got \[1\]/],
    ['a wrong value', { energy: 'high' }, {}, /^The output does not fit: energy: .*expected number.*got "high"\)\.$/],
    ['a missing field', {}, {}, /^The output does not fit: energy: .*missing\.$/],
    ['NaN', { energy: Number.NaN }, {}, /energy: .*got NaN/],
    ['tables that are not declared', { energy: 1, tables: {} }, {}, /none are declared/],
    ['no tables', { energy: 1 }, tables, /Expected tables to be an object with hourly/],
    ['no rows', { energy: 1, tables: {} }, tables, /Expected tables\.hourly to be a list of rows, got undefined/],
    [
      'another table',
      { energy: 1, tables: { hourly: [], daily: [] } },
      tables,
      /daily is not declared: expected hourly/,
    ],
    [
      'a wrong row',
      { energy: 1, tables: { hourly: [{ hour: 1 }, { hour: 1.5 }] } },
      tables,
      /^Row 1 of tables\.hourly does not fit: hour: .*got 1\.5/,
    ],
    [
      'a row that is not an object',
      { energy: 1, tables: { hourly: [7] } },
      tables,
      /^Row 0 of tables\.hourly does not fit: .*got 7/,
    ],
  ])('reports %s', (_name, returned, declared, problem) => {
    expect(parserOf(z.object({ energy: z.number() }), declared)(returned)).toEqual({
      problem: expect.stringMatching(problem),
    })
  })

  it('copies values when they are returned: later changes have no effect', () => {
    const any: Record<string, unknown> = { n: 1 }
    const day = new Date(0)
    const parse = parserOf(
      z.object({ any: z.unknown(), day: z.date(), days: z.array(z.date()), record: z.record(z.string(), z.unknown()) }),
      { rows: z.object({ cell: z.any(), at: z.object({ day: z.date() }) }) },
    )
    const returned = { any, day, days: [day], record: { any }, tables: { rows: [{ cell: any, at: { day } }] } }
    const parsed = parse(returned)
    any.n = 2n
    day.setTime(Number.NaN)
    const kept = { text: '{"n":1}' }
    expect(parsed).toMatchObject({
      output: {
        scalars: { any: kept, day: new Date(0), days: [new Date(0)], record: { text: '{"any":{"n":1}}' } },
        tables: { rows: [{ cell: kept, at: { day: new Date(0) } }] },
      },
    })
  })

  it('rejects values that the schema allows but the column cannot store', () => {
    const output = z.object({
      text: z.string().catch((ctx) => ctx.value as string),
      day: z.stringFormat('date', () => true),
      count: z.int().default(0.5 as number),
    })
    const fine = { text: 'a', day: '2026-01-01', count: 1 }
    const parse = parserOf(output)
    expect(parse(fine)).toHaveProperty('output')
    for (const wrong of [{ text: 7 }, { day: 'soon' }, { count: undefined }]) {
      expect(parse({ ...fine, ...wrong })).toEqual({ problem: expect.stringContaining(Object.keys(wrong)[0]!) })
    }
  })

  it('reads the fields of an object or its class, but not those that all objects have', () => {
    class Result {
      within = {}
      tables = { valueOf: [{}] }
      get note() {
        return 'of the class'
      }
      toString() {
        return 'a method'
      }
    }
    const nothing = { constructor: undefined, toString: undefined }
    const rows = { valueOf: [{ hasOwnProperty: undefined }] }
    const prototype = Object.prototype as { note?: unknown }
    prototype.note = 5
    try {
      const parse = parserOf(
        z.strictObject({
          constructor: z.string().optional(),
          note: z.string().optional(),
          toString: z.int().nullish(),
          within: z.object({ valueOf: z.string().optional(), note: z.string().optional() }).optional(),
        }),
        { valueOf: z.object({ hasOwnProperty: z.string().optional() }) },
      )
      const within = { valueOf: undefined, note: undefined }
      const expected = {
        scalars: { ...nothing, note: 'of the class', within },
        files: {},
        tables: rows,
        undeclared: [],
      }
      expect(parse(new Result())).toEqual({ output: expected })
      expect(parse({ constructor: 'Lotus', tables: { valueOf: [{ hasOwnProperty: 'x' }] } })).toMatchObject({
        output: { scalars: { constructor: 'Lotus', note: undefined }, tables: { valueOf: [{ hasOwnProperty: 'x' }] } },
      })
    } finally {
      delete prototype.note
    }
  })

  it('names undeclared fields once, or rejects them with a suggestion', () => {
    const schemas = {
      input: z.object({}),
      output: z.object({ energy: z.number() }),
      tables: { hours: z.object({ hour: z.int() }) },
    }
    const compile = (undeclaredFields: 'warn' | 'refuse' = 'warn') =>
      outputParser(compileExperiment({ ...schemas, undeclaredFields }, function simulate() {}, 'file:///m.ts'))
    const hours = [
      { hour: 1, load: 2 },
      { hour: 2, load: 3 },
    ]
    const returned = { energy: 1, enrgy: 2, tables: { hours } }
    expect(compile()(returned)).toMatchObject({ output: { undeclared: ['enrgy', 'tables.hours.load'] } })
    expect(compile('refuse')(returned)).toEqual({
      problem: expect.stringMatching(/field enrgy.*Did you mean energy\?/),
    })
    expect(compile('refuse')({ energy: 1, tables: { hours } })).toEqual({
      problem: expect.stringMatching(/^Row 0 of tables.hours has a field load/),
    })
    expect(compile('refuse')({ energy: 1, tables: { hours: [{ hour: 1 }] } })).toHaveProperty('output')
    const loose = {
      output: z.looseObject({ energy: z.number() }),
      input: z.object({}),
      undeclaredFields: 'refuse',
    } as const
    const parse = outputParser(compileExperiment(loose, function simulate() {}, 'file:///m.ts'))
    expect(parse({ energy: 1, more: 2 })).toMatchObject({ output: { undeclared: [] } })
  })

  it('rejects values that the column cannot store', () => {
    expect(parserOf(z.object({ any: z.unknown() }))({ any: { deep: 1n } })).toEqual({
      problem: expect.stringContaining('any.deep'),
    })
  })
})
