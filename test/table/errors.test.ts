import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openTable } from '../../src/table/file.js'
import type { ColumnType, TableSchema } from '../../src/table/schema.js'
import { decodeSlice, readSlice } from '../../src/table/slice.js'
import { bytesSource } from '../../src/table/source.js'
import { createTableWriter, encodeTable } from '../../src/table/writer.js'
import { encodePart } from './parts.js'
import { readOurs } from './readers.js'

const oneColumn = (type: ColumnType): TableSchema => ({ columns: [{ name: 'c', type }], index: [] })

describe('a value that does not fit its column', () => {
  const misfits: [ColumnType, unknown, string][] = [
    [{ kind: 'int64' }, 1.5, 'Expected c in row 2 to be a whole number within ±(2^53 - 1), got 1.5.'],
    [{ kind: 'int64' }, Number.NaN, 'Expected c in row 2 to be a whole number within ±(2^53 - 1), got NaN.'],
    [{ kind: 'int64' }, 2 ** 53, 'Expected c in row 2 to be a whole number within ±(2^53 - 1), got 9007199254740992.'],
    [{ kind: 'int64' }, 1n, 'Expected c in row 2 to be a whole number within ±(2^53 - 1), got 1n.'],
    [
      { kind: 'int64', bigint: true },
      2n ** 63n,
      'Expected c in row 2 to be a bigint of 64 bits, got 9223372036854775808n.',
    ],
    [{ kind: 'int64', bigint: true }, 1, 'Expected c in row 2 to be a bigint of 64 bits, got 1.'],
    [{ kind: 'double' }, '1', "Expected c in row 2 to be a number, got '1'."],
    [{ kind: 'string' }, 1, 'Expected c in row 2 to be a well-formed string, got 1.'],
    [{ kind: 'boolean' }, 0, 'Expected c in row 2 to be true or false, got 0.'],
    [{ kind: 'date' }, '2023-02-29', "Expected c in row 2 to be a date as 'YYYY-MM-DD', got '2023-02-29'."],
    [{ kind: 'date' }, '2024-2-9', "Expected c in row 2 to be a date as 'YYYY-MM-DD', got '2024-2-9'."],
    [{ kind: 'timestamp' }, new Date(Number.NaN), 'Expected c in row 2 to be a valid Date, got Invalid Date.'],
    [{ kind: 'timestamp' }, 0, 'Expected c in row 2 to be a valid Date, got 0.'],
    [{ kind: 'json' }, { n: 1n }, 'Expected c in row 2 to be a value that JSON can hold, got { n: 1n }.'],
    [{ kind: 'list', item: { kind: 'int64' } }, 'ab', "Expected c in row 2 to be an array, got 'ab'."],
    [
      { kind: 'list', item: { kind: 'int64' } },
      [1, 0.5],
      'Expected c[1] in row 2 to be a whole number within ±(2^53 - 1), got 0.5.',
    ],
    [
      { kind: 'struct', fields: [{ name: 'days', type: { kind: 'list', item: { kind: 'date' } } }] },
      { days: [null, '29.2.2024'] },
      "Expected c.days[1] in row 2 to be a date as 'YYYY-MM-DD', got '29.2.2024'.",
    ],
    [
      { kind: 'struct', fields: [{ name: 'a', type: { kind: 'json' } }] },
      [],
      'Expected c in row 2 to be an object, got [].',
    ],
  ]
  it.each(misfits)('is reported with its column and its row: %j', (type, value, message) => {
    const encode = () => encodeTable(oneColumn(type), { c: [null, null, value] }, 3)
    expect(encode).toThrow(expect.objectContaining({ code: 'COLUMN_VALUE_INVALID', message, row: 2 }))
  })

  it('is reported with its row in the whole table, however long the table is', () => {
    const writer = createTableWriter(oneColumn({ kind: 'double' }), { rowGroupSize: 2 })
    writer.append({ c: [1, 2, 3] }, 3)
    expect(() => writer.append({ c: ['4'] }, 1)).toThrow(/row 3/)
  })

  it('is reported if a table by another writer holds it', async () => {
    const bytes = encodeTable(oneColumn({ kind: 'string' }), { c: ['true', null] }, 2)
    await expect(readAs(bytes, { kind: 'boolean' })).rejects.toMatchObject({
      code: 'COLUMN_VALUE_INVALID',
      column: 'c',
      row: 0,
    })
  })
})

describe('missing values of required columns', () => {
  it('are reported by column', () => {
    const schema = oneColumn({ kind: 'double' })
    expect(() => encodeTable(schema, { d: [1] }, 1)).toThrow('Expected 1 values of column c, got 0.')
    expect(() => createTableWriter(schema, { rowGroupSize: 10 }).append({ c: [1] }, 2)).toThrow(
      expect.objectContaining({ code: 'TABLE_MISMATCH', message: 'Expected 2 values of column c, got 1.' }),
    )
  })
})

describe('bytes that are not a complete table', () => {
  const unreadable = { code: 'TABLE_UNREADABLE' }
  const part = encodePart('part', 100)

  it('are rejected wherever a table was truncated', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(part.length - 1), async (length) => {
        await expect(readOurs(part.subarray(0, length))).rejects.toMatchObject(unreadable)
      }),
    )
  })

  it('are rejected if they are arbitrary', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        await expect(readOurs(bytes)).rejects.toMatchObject(unreadable)
      }),
    )
  })

  it('are rejected if a table lost its beginning', async () => {
    await expect(readOurs(part.subarray(200))).rejects.toMatchObject(unreadable)
  })

  it('are rejected if the footer is not valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (footer) => {
        const length = Buffer.alloc(4)
        length.writeUInt32LE(footer.length)
        const bytes = Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')])
        await expect(readOurs(bytes)).rejects.toMatchObject(unreadable)
      }),
    )
  })

  it('are rejected if the pages are not valid', async () => {
    const damaged = Uint8Array.from(part)
    damaged.fill(0, 4, 100)
    await expect(readOurs(damaged)).rejects.toMatchObject({
      ...unreadable,
      message: expect.stringContaining('sort_index'),
    })
  })

  it('do not hide an error of the source', async () => {
    const lost = new Error('connection lost')
    const source = { byteLength: 1000, slice: () => Promise.reject(lost) }
    await expect(openTable(source)).rejects.toBe(lost)
  })
})

async function readAs(bytes: Uint8Array, type: ColumnType): Promise<unknown> {
  const source = bytesSource(bytes)
  return await decodeSlice(await readSlice(source, await openTable(source), 0), oneColumn(type))
}
