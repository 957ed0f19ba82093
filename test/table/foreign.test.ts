import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTable } from '../../src/table/file.js'
import type { ColumnType } from '../../src/table/schema.js'
import { decodeStretches, readSlice } from '../../src/table/slice.js'
import { bytesSource } from '../../src/table/source.js'
import { hasPython, runPython } from '../support/python.js'
import { readOurs } from './readers.js'

describe('a table that Python Scythe wrote', () => {
  const golden = (name: string) => readFile(new URL(`../fixtures/golden/runs/${name}.pq`, import.meta.url))

  it('opens with its index and its values', async () => {
    const bytes = await golden('points/v2.0.0/2026-11-21_12-44-15/final/scalars')
    const { schema, rows } = await openTable(bytesSource(bytes))
    const spec = ['x', 'n', 'mode', 'flag', 'note']
    expect(schema.index).toEqual(['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id', ...spec])
    expect(schema.columns.slice(0, 4)).toEqual([
      { name: 'value', type: { kind: 'double' } },
      { name: 'label', type: { kind: 'string' } },
      { name: 'experiment_id', type: { kind: 'string' } },
      { name: 'sort_index', type: { kind: 'int64' } },
    ])
    const found = await readOurs(bytes)
    expect(found).toHaveLength(rows)
    for (const row of found) {
      const [x, n] = [row.x as number, row.n as number]
      expect(row.value).toBe(row.mode === 'sum' ? x + n : x * n)
      expect(row.label).toBe(`${row.mode}:${row.sort_index}`)
    }
  })

  it('opens as specs with columns of nulls, lists, and no index', async () => {
    const bytes = await golden('profile/v1.0.0/2026-11-21_12-45-18/specs')
    const { schema } = await openTable(bytesSource(bytes))
    expect(schema.index).toEqual([])
    expect(schema.columns.find(({ name }) => name === 'weights')?.type).toEqual({
      kind: 'list',
      item: { kind: 'double' },
    })
    const rows = await readOurs(bytes)
    expect(rows.map((row) => row.sort_index)).toEqual([0, 1, 2, 3, 4, 5])
    expect(rows.every((row) => row.workflow_run_id === null && Array.isArray(row.weights))).toBe(true)
  })

  it('is read without the row numbers that pandas added', async () => {
    const { schema } = await openTable(bytesSource(await golden('profile/v1.0.0/2026-11-21_12-45-18/final/profile')))
    expect(schema.columns.map(({ name }) => name)).toEqual(['level', 'name'])
    expect(schema.index).toEqual([])
  })
})

describe('a column of bytes', () => {
  it('is read as text if it is UTF-8, and otherwise rejected with column and row', async () => {
    const bytes = (...values: string[]) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'n', data: values.map((_, n) => n), type: 'INT32' },
            { name: 'name', data: values.map((value) => Buffer.from(value, 'latin1')), type: 'BYTE_ARRAY' },
          ],
        }),
      )
    const utf8 = Buffer.from('\uFEFFZürich').toString('latin1')
    expect(await readOurs(bytes(utf8, 'plain'))).toEqual([
      { n: 0, name: '\uFEFFZürich' },
      { n: 1, name: 'plain' },
    ])
    await expect(readOurs(bytes('plain', 'Zürich'))).rejects.toMatchObject({
      code: 'COLUMN_VALUE_INVALID',
      column: 'name',
      row: 1,
    })
  })
})

describe('a column compressed with LZ4', () => {
  const text = 'a'.repeat(40)
  /** A block of one stretch of bytes that are as they were, and in Hadoop's frame of two lengths, if asked for. */
  const packed = (framed: boolean, bytes: Uint8Array) => {
    const block = Buffer.concat([Buffer.from([0xf0, bytes.length - 15]), bytes])
    if (!framed) return block
    const lengths = Buffer.alloc(8)
    lengths.writeUInt32BE(bytes.length)
    lengths.writeUInt32BE(block.length, 4)
    return Buffer.concat([lengths, block])
  }

  it.each([
    ['LZ4', true],
    ['LZ4', false],
    ['LZ4_RAW', false],
    ['LZO', false],
  ] as const)('is read if its encoding is supported: named %s, in a Hadoop frame: %s', async (codec, framed) => {
    const bytes = parquetWriteBuffer({
      columnData: [{ name: 's', data: [text], type: 'STRING', encoding: 'PLAIN' }],
      codec,
      compressors: { [codec]: (bytes: Uint8Array) => packed(framed, bytes) },
    })
    const reading = readOurs(new Uint8Array(bytes))
    if (codec !== 'LZO') expect(await reading).toEqual([{ s: text }])
    else await expect(reading).rejects.toMatchObject({ message: expect.stringMatching(/column s .*LZO/) })
  })
})

describe.skipIf(!(await hasPython('tables that pandas and pyarrow wrote')))(
  'a table that pandas or pyarrow wrote',
  () => {
    let folder: string
    const written = (name: string) => readFile(join(folder, `${name}.pq`))
    const opened = async (name: string) => (await openTable(bytesSource(await written(name)))).schema

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
      await runPython(new URL('write_tables.py', import.meta.url), folder)
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    it('opens with the index that pandas would restore', async () => {
      expect(await opened('range-index')).toMatchObject({
        columns: [{ name: 'x' }, { name: 'n' }, { name: 'name' }],
        index: [],
      })
      expect(await opened('two-index-columns')).toMatchObject({ index: ['name', 'n'] })
      expect(await opened('filtered')).toMatchObject({
        columns: [{ name: 'x' }, { name: 'n' }, { name: 'name' }],
        index: [],
      })
    })

    it.each(['snappy', 'gzip', 'brotli', 'zstd', 'lz4', 'deltas'])(
      'is read if it is compressed with %s',
      async (codec) => {
        for (const name of codec === 'deltas' ? [codec] : [codec, `${codec}-2`]) {
          expect(await readOurs(await written(name))).toEqual([
            { x: 0.5, n: 1, name: 'a' },
            { x: 1.5, n: 2, name: 'b' },
            { x: 2.5, n: 3, name: null },
          ])
        }
      },
    )

    it('is read if pages hold only nulls', async () => {
      expect(await readOurs(await written('empty-pages'))).toEqual([{ n: null }, { n: null }])
    })

    it('is read if it has fixed-length bytes that are text', async () => {
      expect(await readOurs(await written('fixed'))).toEqual([{ code: 'ab1' }, { code: 'cd2' }])
      await expect(readOurs(await written('fixed-bytes'))).rejects.toMatchObject({
        code: 'COLUMN_VALUE_INVALID',
        column: 'code',
        row: 1,
      })
    })

    it('is read in slices, however many rows a row group has', async () => {
      const source = bytesSource(await written('one-group'))
      const slice = await readSlice(source, await openTable(source), 0)
      let next = 0
      for await (const { columns, rows } of decodeStretches(slice)) {
        expect(rows).toBeLessThanOrEqual(100_000)
        expect(columns.zero).toHaveLength(rows)
        for (const n of columns.n!) if (n !== next++) expect(n).toBe(next - 1)
      }
      expect(next).toBe(250_003)
    })

    it('is read for every type that has a Scythe column type', async () => {
      const expected: Record<string, readonly [ColumnType, unknown]> = {
        int8: [{ kind: 'int64' }, -1],
        uint32: [{ kind: 'int64' }, 2 ** 32 - 1],
        int64: [{ kind: 'int64' }, 2 ** 53 - 1],
        beyond: [{ kind: 'int64', bigint: true }, 2n ** 63n - 1n],
        float32: [{ kind: 'double' }, 0.5],
        decimal: [{ kind: 'double' }, 1.25],
        text: [{ kind: 'string' }, 'é'],
        category: [{ kind: 'string' }, 'c'],
        bool: [{ kind: 'boolean' }, true],
        date: [{ kind: 'date' }, '2024-02-29'],
        nanoseconds: [{ kind: 'timestamp' }, new Date('2024-02-29T12:30:15.123Z')],
        microseconds: [{ kind: 'timestamp' }, new Date('2024-02-29T12:30:15.123Z')],
        milliseconds: [{ kind: 'timestamp' }, new Date('2024-02-29T12:30:15.123Z')],
        nothing: [{ kind: 'json' }, null],
        list: [{ kind: 'list', item: { kind: 'int64' } }, [1, null]],
        lists: [{ kind: 'list', item: { kind: 'list', item: { kind: 'string' } } }, [['a'], [], null]],
        struct: [
          {
            kind: 'struct',
            fields: [
              { name: 'a', type: { kind: 'int64' } },
              { name: 'b', type: { kind: 'struct', fields: [{ name: 'day', type: { kind: 'date' } }] } },
            ],
          },
          { a: 1, b: { day: '2024-02-29' } },
        ],
        structs: [
          { kind: 'list', item: { kind: 'struct', fields: [{ name: 'a', type: { kind: 'double' } }] } },
          [{ a: 1.5 }, null],
        ],
        map: [{ kind: 'json' }, { k: 1 }],
      }
      const [row, nulls] = await readOurs(await written('types'))
      for (const { name, type } of (await opened('types')).columns) {
        expect([name, type, row![name]]).toEqual([name, ...expected[name]!])
        expect(nulls![name]).toBeNull()
      }
      expect(Object.keys(row!)).toEqual(Object.keys(expected))
    })
  },
)
