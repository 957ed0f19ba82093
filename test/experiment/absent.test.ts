import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { absentReader, absentText, withoutAbsent } from '../../src/experiment/absent.js'
import { columnsOf } from '../../src/experiment/columns.js'
import { nullishFields } from '../../src/experiment/nullish.js'

const part = z.object({ a: z.number().nullish(), b: z.number().optional() })
const input = z.object({
  n: z.int(),
  top: z.string().nullish(),
  wall: z.object({ part: part.nullish() }).optional(),
  layers: z.array(z.array(part)).optional(),
  json: z.looseObject({ x: z.number().nullish() }).optional(),
})
const nullish = nullishFields(input, columnsOf(input))

describe('absent fields of a spec', () => {
  it.each([
    [{ n: 1, top: null }, null],
    [{ n: 1, json: {} }, '["top"]'],
    [{ n: 1, top: null, wall: {} }, '[{"wall":["part"]}]'],
    [{ n: 1, top: null, wall: { part: null } }, null],
    [{ n: 1, wall: { part: { b: 1 } } }, '["top",{"wall":[{"part":["a"]}]}]'],
    [{ n: 1, top: '', layers: [[{ b: 1 }, {}], [{}]] }, '[{"layers":{"each":{"each":["a"]}}}]'],
    [{ n: 1, top: '', layers: [[], [{ a: null }, {}]] }, '[{"layers":{"items":[null,{"items":[null,["a"]]}]}}]'],
  ])('are recorded, within objects and lists too: %j', (spec, text) => {
    expect(absentText(nullish, spec)).toBe(text)
  })

  it('are restored from nulls in columns', () => {
    const absent = absentReader()('["top",{"wall":["part"]},{"layers":{"items":[null,{"each":["a"]}]}}]')
    expect([...absent.names]).toEqual(['top'])
    expect(withoutAbsent({ part: null, b: null }, absent.within.get('wall'))).toEqual({ b: null })
    const layers = [[{ a: null }], [{ a: null, b: null }, { a: 1 }]]
    expect(withoutAbsent(layers, absent.within.get('layers'))).toEqual([[{ a: null }], [{ b: null }, { a: 1 }]])
  })

  it.each([
    '',
    '7',
    'null',
    '{',
    '[[["a"]]]',
    '{"each":7}',
    '{"items":{}}',
    `${'{"each":'.repeat(1e5)}1${'}'.repeat(1e5)}`,
  ])('are ignored if the column of another writer holds an invalid value', (text) => {
    const value = { a: null, at: new Date(0) }
    expect(withoutAbsent(value, absentReader()(text))).toEqual(value)
  })

  it('are not recorded for an input that has no nullish fields, or has them in JSON alone', () => {
    const plain = z.object({ n: z.int().optional(), json: z.record(z.string(), z.int().nullish()) })
    expect(nullishFields(plain, columnsOf(plain))).toBeUndefined()
  })
})
