import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openTable } from '../../src/table/file.js'
import type { TableSchema } from '../../src/table/schema.js'
import { decodeSlice, readSlice, type TableSlice } from '../../src/table/slice.js'
import { bytesSource } from '../../src/table/source.js'
import { createTableWriter, encodeTable } from '../../src/table/writer.js'
import { anyTable, dataOf, rowsAsRead } from './arbitraries.js'
import { readOurs } from './readers.js'

describe('an encoded table', () => {
  it('decodes to its original rows, whatever its types and values', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        const bytes = encodeTable(table.schema, dataOf(table), table.rows.length)
        expect(await readOurs(bytes)).toStrictEqual(rowsAsRead(table))
        expect((await openTable(bytesSource(bytes))).schema).toEqual(table.schema)
      }),
      { numRuns: 200 },
    )
  })

  it('has identical bytes every time', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const encode = () => encodeTable(table.schema, dataOf(table), table.rows.length)
        expect(Buffer.compare(encode(), encode())).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it('supports columns of many pages, with and without nulls', async () => {
    const schema: TableSchema = {
      columns: [
        { name: 'long', type: { kind: 'string' } },
        { name: 'count', type: { kind: 'int64' } },
        { name: 'half', type: { kind: 'double' } },
        { name: 'list', type: { kind: 'list', item: { kind: 'string' } } },
      ],
      index: [],
    }
    const rows = Array.from({ length: 60_000 }, (_, i) => ({
      long: i % 2000 === 0 ? String(i).repeat(20_000) : i % 7 === 3 ? null : `row ${i}`,
      count: i,
      half: i % 3 === 0 ? null : i / 2,
      list: i % 3000 === 0 ? ['x'.repeat(100_000), null] : [],
    }))
    const bytes = encodeTable(schema, dataOf({ schema, rows }), rows.length)
    expect(await readOurs(bytes)).toStrictEqual(rows)
  })

  it('accepts typed arrays as columns', async () => {
    const schema: TableSchema = {
      columns: [
        { name: 'x', type: { kind: 'double' } },
        { name: 'n', type: { kind: 'int64', bigint: true } },
      ],
      index: [],
    }
    const bytes = encodeTable(schema, { x: new Float64Array([0.5, Number.NaN]), n: new BigInt64Array([1n, -1n]) }, 2)
    expect(await readOurs(bytes)).toStrictEqual([
      { x: 0.5, n: 1n },
      { x: Number.NaN, n: -1n },
    ])
  })
})

describe('a table that was written in pieces', () => {
  it('has row groups of the given size, whatever the size of the pieces', async () => {
    const chunks = fc.array(fc.nat(9), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(anyTable, chunks, fc.integer({ min: 1, max: 12 }), async (table, sizes, rowGroupSize) => {
        const writer = createTableWriter(table.schema, { rowGroupSize })
        const pieces: Uint8Array[] = []
        let written = 0
        for (const size of [...sizes, Number.POSITIVE_INFINITY]) {
          const rows = table.rows.slice(written, written + size)
          pieces.push(...writer.append(dataOf({ schema: table.schema, rows }), rows.length))
          written += rows.length
          expect(writer.rows).toBe(written)
        }
        const bytes = Buffer.concat([...pieces, ...writer.finish()])
        const file = await openTable(bytesSource(bytes))
        expect(await readOurs(bytes)).toStrictEqual(rowsAsRead(table))
        expect(file.rows).toBe(table.rows.length)
        file.rowGroups.forEach((group, i) => {
          expect(group.firstRow).toBe(i * rowGroupSize)
          expect(group.rows).toBe(Math.min(rowGroupSize, table.rows.length - group.firstRow))
        })
      }),
      { numRuns: 30 },
    )
  })
})

describe('a slice of a table', () => {
  it('decodes in another process as it does locally', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        fc.pre(table.rows.length > 0)
        const source = bytesSource(encodeTable(table.schema, dataOf(table), table.rows.length))
        const slice = await readSlice(source, await openTable(source), 0)
        const sent = deserialize(serialize(slice)) as TableSlice
        expect(await decodeSlice(sent)).toStrictEqual(await decodeSlice(slice))
      }),
      { numRuns: 20 },
    )
  })

  it('returns the requested columns and types, and nulls for missing columns', async () => {
    const schema: TableSchema = {
      columns: [
        { name: 'n', type: { kind: 'int64' } },
        { name: 'day', type: { kind: 'date' } },
        { name: 'text', type: { kind: 'string' } },
      ],
      index: [],
    }
    const source = bytesSource(
      encodeTable(schema, { n: [1, null], day: ['2024-02-29', null], text: ['{"a":[1]}', null] }, 2),
    )
    const slice = await readSlice(source, await openTable(source), 0)
    const asked: TableSchema = {
      columns: [
        { name: 'n', type: { kind: 'double' } },
        { name: 'day', type: { kind: 'string' } },
        { name: 'text', type: { kind: 'json' } },
        { name: 'other', type: { kind: 'boolean' } },
      ],
      index: [],
    }
    const values = { n: [1, null], day: ['2024-02-29', null], text: [{ a: [1] }, null], other: [null, null] }
    expect(await decodeSlice(slice, asked)).toEqual(values)
  })
})
