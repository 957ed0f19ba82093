import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTableAssembler, type TablePiece } from '../../src/table/assemble.js'
import { openTable } from '../../src/table/file.js'
import type { TableSchema } from '../../src/table/schema.js'
import { bytesSource } from '../../src/table/source.js'
import { encodeTable } from '../../src/table/writer.js'
import { hasPython, runPython } from '../support/python.js'
import { encodePart, partRows, partSchema } from './parts.js'
import { exactColumns, readByPython } from './python-reader.js'
import { readOurs, readParquetjs } from './readers.js'

/** A part to be assembled: one of ours, or a file of pyarrow's; in memory, or large. */
interface Part {
  readonly bytes: Uint8Array
  readonly rows: readonly Record<string, unknown>[]
  readonly large: boolean
}

const ours = fc
  .record({
    name: fc.constantFrom('a', 'bb', 'other'),
    rows: fc.oneof(fc.nat(20), fc.integer({ min: 495, max: 505 }), fc.integer({ min: 800, max: 1000 })),
    large: fc.boolean(),
  })
  .map(({ name, rows, large }): Part => ({ bytes: encodePart(name, rows), rows: partRows(name, rows), large }))

const partsOf = (part: fc.Arbitrary<Part>) => fc.array(part, { maxLength: 12, size: '+1' })
const rowGroupSizes = fc.constantFrom(100, 700, 1000, 2500, 100_000)

async function assemble(schema: TableSchema, parts: readonly Pick<Part, 'bytes' | 'large'>[], rowGroupSize: number) {
  const assembler = createTableAssembler(schema, { rowGroupSize })
  const pieces: TablePiece[] = []
  for (const [i, { bytes, large }] of parts.entries()) {
    pieces.push(
      ...(large ? assembler.addLarge(String(i), await openTable(bytesSource(bytes))) : await assembler.addPart(bytes)),
    )
  }
  pieces.push(...assembler.finish())
  return Buffer.concat(
    pieces.map((piece) =>
      piece instanceof Uint8Array ? piece : parts[Number(piece.key)]!.bytes.subarray(piece.start, piece.end),
    ),
  )
}

const rowsOf = (parts: readonly Part[]) => parts.flatMap(({ rows }) => rows)

describe('parts written by Scythe', () => {
  it('are assembled into one table with the rows in order, and with identical bytes every time', async () => {
    await fc.assert(
      fc.asyncProperty(partsOf(ours), rowGroupSizes, async (parts, size) => {
        const bytes = await assemble(partSchema, parts, size)
        expect(await readOurs(bytes)).toStrictEqual(rowsOf(parts))
        expect(bytes.equals(await assemble(partSchema, parts, size))).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  it('are assembled into a table that parquetjs-lite reads', async () => {
    await fc.assert(
      fc.asyncProperty(partsOf(ours), rowGroupSizes, async (parts, size) => {
        const bytes = await assemble(partSchema, parts, size)
        expect(await readParquetjs(bytes, partSchema)).toStrictEqual(rowsOf(parts))
      }),
      { numRuns: 8 },
    )
  })

  it('are concatenated without decoding, into row groups that end with the part that fills them', async () => {
    const schema: TableSchema = { columns: [{ name: 'x', type: { kind: 'double' } }], index: [] }
    const parts = Array.from({ length: 10 }, (_, part) => {
      const bytes = encodeTable(schema, { x: Array.from({ length: 600 }, (_, i) => part + i / 1000) }, 600)
      return { bytes, large: false }
    })
    const bytes = await assemble(schema, parts, 1000)
    const file = await openTable(bytesSource(bytes))
    expect(file.rowGroups.map(({ rows }) => rows)).toEqual([1200, 1200, 1200, 1200, 1200])
    for (const part of parts) {
      const { start, end } = (await openTable(bytesSource(part.bytes))).rowGroups[0]!
      expect(bytes.includes(Buffer.from(part.bytes.subarray(start, end)))).toBe(true)
    }
  })

  it('are assembled, if small, into pages as large as the pages of a single part', async () => {
    const parts = Array.from({ length: 300 }, (_, i) => ({ bytes: encodePart('small', (i % 4) + 1), large: false }))
    const atOnce = encodePart('small', 750)
    expect((await assemble(partSchema, parts, 100_000)).length).toBeLessThan(atOnce.length * 1.1)
  })

  it('are only referenced, if large', async () => {
    const bytes = encodePart('large', 2000)
    const file = await openTable(bytesSource(bytes))
    const assembler = createTableAssembler(partSchema, { rowGroupSize: 1000 })
    const { start, end } = file.rowGroups[0]!
    expect((await assembler.addPart(encodePart('one', 1))).length).toBe(0)
    expect(assembler.addLarge('key', file).at(-1)).toEqual({ key: 'key', start, end })
    expect(assembler.rows).toBe(2001)
  })

  it('are released from memory with the row group that they fill', async () => {
    const assembler = createTableAssembler(partSchema, { rowGroupSize: 1000 })
    const part = encodePart('part', 600)
    expect(await assembler.addPart(part)).toEqual([])
    const written = (await assembler.addPart(part)) as Uint8Array[]
    const { start, end } = (await openTable(bytesSource(part))).rowGroups[0]!
    expect(Buffer.concat(written).length).toBe(4 + 2 * (end - start))
  })

  it('are assembled into an empty table with its columns if there are none', async () => {
    const bytes = await assemble(partSchema, [], 1000)
    const file = await openTable(bytesSource(bytes))
    expect([file.rows, file.schema]).toEqual([0, partSchema])
    expect(await readParquetjs(bytes, partSchema)).toEqual([])
  })

  it('are rejected by the name of the column if a column is not in the table', async () => {
    const { columns, index } = partSchema
    const assembler = createTableAssembler(
      { columns: columns.slice(1), index: index.slice(0, 1) },
      { rowGroupSize: 1000 },
    )
    await expect(assembler.addPart(encodePart('x', 1))).rejects.toMatchObject({
      code: 'TABLE_MISMATCH',
      message: expect.stringContaining('sort_index'),
    })
    const large = await openTable(bytesSource(encodePart('x', 1)))
    expect(() => assembler.addLarge('some/part.pq', large)).toThrow(/some\/part\.pq/)
  })
})

describe('column statistics in the footer', () => {
  it('are summed and compared over the parts of a row group', async () => {
    const schema: TableSchema = {
      columns: [
        { name: 'n', type: { kind: 'int64' } },
        { name: 'x', type: { kind: 'double' } },
        { name: 'text', type: { kind: 'string' } },
        { name: 'flag', type: { kind: 'boolean' } },
        { name: 'day', type: { kind: 'date' } },
        { name: 'none', type: { kind: 'double' } },
      ],
      index: [],
    }
    const part = (n: number, text: string, x: number) => {
      const fill = (first: unknown, rest: unknown) => [first, ...new Array<unknown>(599).fill(rest)]
      const columns = {
        n: fill(n, 5),
        x: fill(x, 0),
        text: fill(text, 'm'),
        flag: fill(n < 0, null),
        day: fill(text === 'a' ? '2012-02-29' : '2001-01-01', null),
      }
      return { bytes: encodeTable(schema, { ...columns, none: fill(Number.NaN, null) }, 600), large: false }
    }
    const long = '\u{1F600}'.repeat(6)
    const bytes = await assemble(schema, [part(7, 'a', Number.NaN), part(-3, long, -2), part(6, '\uFFFD', 1)], 10_000)
    const { columns } = (await openTable(bytesSource(bytes))).metadata.row_groups[0]!
    const [n, x, text, flag, day, none] = columns.map(({ meta_data }) => meta_data!.statistics!)
    expect(n).toMatchObject({ min_value: -3n, max_value: 7n, null_count: 0n })
    expect(x).toMatchObject({ min_value: -2, max_value: 1, null_count: 0n })
    // By bytes, an emoji comes after U+FFFD; cut to 16 bytes, the greatest is rounded up.
    expect(text).toMatchObject({ min_value: new TextEncoder().encode('a'), is_max_value_exact: false })
    // What a footer says must not hold the whole part in memory.
    expect((text!.min_value as Uint8Array).buffer.byteLength).toBe(1)
    expect(Buffer.compare(text!.max_value as Uint8Array, Buffer.from(long))).toBe(1)
    expect(flag).toMatchObject({ min_value: false, max_value: true, null_count: 1797n })
    expect(day).toMatchObject({ min_value: 11_323, max_value: 15_399, null_count: 1797n })
    expect(none).toMatchObject({ min_value: undefined, max_value: undefined, null_count: 1797n })
  })
})

describe.skipIf(!(await hasPython('assembled tables with parts of pyarrow')))(
  'parts written by Scythe and by pyarrow',
  { timeout: 120_000 },
  () => {
    let folder: string
    let foreign: Part[]

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
      const { rows } = await runPython<{ rows: Record<string, number> }>(
        new URL('write_tables.py', import.meta.url),
        folder,
      )
      foreign = await Promise.all(
        Object.entries(rows).map(async ([name, rows]) => {
          const bytes = await readFile(join(folder, `part-${name}.pq`))
          return { bytes, rows: partRows(name, rows), large: false }
        }),
      )
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    const mixed = () => partsOf(fc.oneof(ours, fc.constantFrom(...foreign)))

    it('are assembled into one table with the rows in order', async () => {
      await fc.assert(
        fc.asyncProperty(mixed(), rowGroupSizes, async (parts, size) => {
          const bytes = await assemble(partSchema, parts, size)
          expect(await readOurs(bytes)).toStrictEqual(rowsOf(parts))
        }),
        { numRuns: 10 },
      )
    })

    it('are assembled into a table that pandas, pyarrow and parquetjs-lite read', async () => {
      const samples = fc.sample(fc.tuple(mixed(), rowGroupSizes), 5)
      const files = await Promise.all(samples.map(([parts, size]) => assemble(partSchema, parts, size)))
      const found = await readByPython(files)
      for (const [i, [parts]] of samples.entries()) {
        const rows = rowsOf(parts)
        expect(found[i]!.columns).toStrictEqual(exactColumns(partSchema, rows))
        expect(found[i]!.pandas).toMatchObject({ index: ['run', 'sort_index'], rows: rows.length })
        expect(await readParquetjs(files[i]!, partSchema)).toStrictEqual(rows)
      }
    })
  },
)
