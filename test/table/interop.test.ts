import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Column, TableSchema } from '../../src/table/schema.js'
import { encodeTable } from '../../src/table/writer.js'
import { hasPython } from '../support/python.js'
import { anyTable, dataOf, rowsAsRead, type SampleTable, tableForParquetjs } from './arbitraries.js'
import { exactColumns, readByPython } from './python-reader.js'
import { readParquetjs } from './readers.js'

const encode = (table: SampleTable) => encodeTable(table.schema, dataOf(table), table.rows.length)

describe('parquetjs-lite', () => {
  it('reads the tables that Scythe writes', async () => {
    await fc.assert(
      fc.asyncProperty(tableForParquetjs, async (table) => {
        expect(await readParquetjs(encode(table), table.schema)).toStrictEqual(rowsAsRead(table))
      }),
      { numRuns: 100 },
    )
  })
})

describe.skipIf(!(await hasPython('tables as pandas reads them')))('pyarrow and pandas', { timeout: 120_000 }, () => {
  it('read every value that Scythe writes, and the index in its order', async () => {
    const tables = fc.sample(anyTable, 100)
    const found = await readByPython(tables.map(encode))
    tables.forEach(({ schema, rows }, i) => {
      const { columns, pandas } = found[i]!
      expect(columns, JSON.stringify(schema)).toStrictEqual(exactColumns(schema, rowsAsRead({ schema, rows })))
      expect(pandas.index, JSON.stringify(schema)).toStrictEqual(schema.index.length > 0 ? schema.index : [null])
      expect(pandas.rows).toBe(rows.length)
    })
  })

  it('infer for every column the dtype that keeps its values', async () => {
    const kinds = ['int64', 'double', 'string', 'boolean', 'date', 'timestamp', 'json'] as const
    const values = [2 ** 53 - 1, 0.5, 'a', true, '2024-02-29', new Date(0), { a: 1 }]
    const columns = kinds.flatMap((kind): Column[] => [
      { name: kind, type: { kind } },
      { name: `${kind} or null`, type: { kind } },
    ])
    const data = Object.fromEntries(
      kinds.flatMap((kind, i) => [
        [kind, [values[i], values[i]]],
        [`${kind} or null`, [values[i], null]],
      ]),
    )
    const [found, indexed] = await readByPython([
      encodeTable({ columns, index: [] }, data, 2),
      encodeTable({ columns, index: ['timestamp', 'int64 or null', 'string', 'boolean'] }, data, 2),
    ])
    expect(found!.pandas.dtypes).toEqual({
      int64: 'int64',
      'int64 or null': 'Int64',
      double: 'float64',
      'double or null': 'float64',
      string: 'object',
      'string or null': 'object',
      boolean: 'bool',
      'boolean or null': 'object',
      date: 'object',
      'date or null': 'object',
      timestamp: 'datetime64[ms, UTC]',
      'timestamp or null': 'datetime64[ms, UTC]',
      json: 'object',
      'json or null': 'object',
    })
    expect(found!.pandas).toMatchObject({ index: [null], range: true })
    expect(indexed!.pandas).toMatchObject({
      index: ['timestamp', 'int64 or null', 'string', 'boolean'],
      // A level of the index with nulls is what pandas makes of one of its own: it reads back as floats.
      index_dtypes: ['datetime64[ms, UTC]', 'float64', 'object', 'bool'],
    })
  })

  it('read the column statistics in the footer', async () => {
    const schema: TableSchema = {
      columns: [
        { name: 'n', type: { kind: 'int64' } },
        { name: 'x', type: { kind: 'double' } },
        { name: 'text', type: { kind: 'string' } },
        { name: 'day', type: { kind: 'date' } },
        { name: 'time', type: { kind: 'timestamp' } },
        { name: 'flag', type: { kind: 'boolean' } },
        { name: 'meta', type: { kind: 'json' } },
      ],
      index: [],
    }
    const data = {
      n: [-5, 2 ** 40, null],
      x: [Number.NaN, -0.5, 2],
      text: ['é', 'z', null],
      day: ['2024-02-29', '1969-12-31', null],
      time: [new Date(0), new Date(-1000), null],
      flag: [true, null, null],
      meta: [{}, [], null],
    }
    const [found] = await readByPython([encodeTable(schema, data, 3)])
    expect(found!.statistics).toEqual([
      {
        n: ['-5', String(2 ** 40), 1],
        x: ['-0.5', '2.0', 0],
        text: ['z', 'é', 1],
        day: ['1969-12-31', '2024-02-29', 1],
        time: ['1969-12-31 23:59:59+00:00', '1970-01-01 00:00:00+00:00', 1],
        flag: ['True', 'True', 2],
      },
    ])
  })
})
