import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { fileReference } from '../../src/experiment/file-reference.js'
import { outputParser } from '../../src/experiment/output.js'

const parserOf = (output: z.ZodObject, tables: Record<string, z.ZodObject> = {}) =>
  outputParser(compileExperiment({ input: z.object({}), output, tables }, function simulate() {}, 'file:///m.ts'))

describe('an output parser', () => {
  it('gives scalars as the schema makes them, and drops what is not declared', () => {
    const parse = parserOf(z.object({ energy: z.number(), label: z.string().default('none') }))
    expect(parse({ energy: 1, scratch: 'x' })).toEqual({
      output: { scalars: { energy: 1, label: 'none' }, files: {}, tables: {} },
    })
  })

  it('gives files apart, those that are there', () => {
    const parse = parserOf(
      z.object({
        energy: z.number(),
        report: fileReference(),
        log: fileReference().optional(),
        plot: fileReference().nullable(),
      }),
    )
    expect(parse({ energy: 1, report: '/tmp/r.txt', plot: null })).toEqual({
      output: { scalars: { energy: 1 }, files: { report: '/tmp/r.txt' }, tables: {} },
    })
  })

  it('gives the rows of tables, checked', () => {
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
      'a row that is none',
      { energy: 1, tables: { hourly: [7] } },
      tables,
      /^Row 0 of tables\.hourly does not fit: .*got 7/,
    ],
  ])('says what is wrong with %s', (_name, returned, declared, problem) => {
    expect(parserOf(z.object({ energy: z.number() }), declared)(returned)).toEqual({
      problem: expect.stringMatching(problem),
    })
  })

  it('refuses values that the column cannot keep', () => {
    expect(parserOf(z.object({ any: z.unknown() }))({ any: { deep: 1n } })).toEqual({
      problem: expect.stringContaining('any.deep'),
    })
  })
})
