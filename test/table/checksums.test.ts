import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetHeader } from 'hyparquet/src/column.js'
import { describe, expect, it } from 'vitest'
import { createTableAssembler, type TablePiece } from '../../src/table/assemble.js'
import { openTable } from '../../src/table/file.js'
import type { TableSchema } from '../../src/table/schema.js'
import { bytesSource } from '../../src/table/source.js'
import { createTableWriter, encodeTable } from '../../src/table/writer.js'
import { temporaryFolder } from '../support/folders.js'
import { hasPython, runPython } from '../support/python.js'
import { dataOf } from './arbitraries.js'
import { encodePart, partRows, partSchema } from './parts.js'
import { readOurs } from './readers.js'

const nestedSchema: TableSchema = {
  columns: [
    ...partSchema.columns,
    {
      name: 'place',
      type: {
        kind: 'struct',
        fields: [
          { name: 'floors', type: { kind: 'list', item: { kind: 'int64' } } },
          { name: 'use', type: { kind: 'string' } },
        ],
      },
    },
  ],
  index: [],
}

function encodeNested(rows: number): Uint8Array {
  const data = partRows('part', rows).map((row, i) => ({
    ...row,
    place: i % 4 === 0 ? null : { floors: Array.from({ length: i % 3 }, (_, n) => n * i), use: `use ${i % 5}` },
  }))
  return encodeTable(nestedSchema, dataOf({ schema: nestedSchema, rows: data }), rows)
}

/** `bytes` with one byte changed. */
function flipped(bytes: Uint8Array, at: number, by: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at]! ^= by
  return copy
}

/** Every page's checksum, column by column. */
async function checksumsOf(bytes: Uint8Array): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = []
  for (const { columns } of (await openTable(bytesSource(bytes))).metadata.row_groups) {
    for (const { meta_data } of columns) {
      let at = Number(meta_data!.data_page_offset)
      const end = at + Number(meta_data!.total_compressed_size)
      while (at < end) {
        const reader = { view: new DataView(bytes.buffer, bytes.byteOffset + at, end - at), offset: 0 }
        const { crc, compressed_page_size } = parquetHeader(reader)
        found.push(crc)
        at += reader.offset + compressed_page_size
      }
    }
  }
  return found
}

async function assemble(parts: readonly Uint8Array[], schema = partSchema): Promise<Uint8Array> {
  const assembler = createTableAssembler(schema, { rowGroupSize: 1500 })
  const pieces: TablePiece[] = []
  for (const part of parts) pieces.push(...(await assembler.addPart(part)))
  pieces.push(...assembler.finish())
  return Buffer.concat(pieces as Uint8Array[])
}

/** What is wrong with it, or `undefined` if its rows are `expected`. Throws where it reads as other rows. */
async function problemOf(bytes: Uint8Array, expected: unknown[]): Promise<string | undefined> {
  let rows: unknown[]
  try {
    rows = await readOurs(bytes)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    expect(code, message).toBe('TABLE_UNREADABLE')
    return message
  }
  expect(rows).toStrictEqual(expected)
  return undefined
}

describe('every page that is written', () => {
  it('has a checksum, in flat and nested columns, in encoded and in assembled row groups', async () => {
    const writer = createTableWriter(partSchema, { rowGroupSize: 100 })
    const data = dataOf({ schema: partSchema, rows: partRows('a', 250) })
    const written = Buffer.concat([...writer.append(data, 250), ...writer.finish()])
    const laid = await assemble([encodePart('a', 600), encodePart('b', 7), encodePart('c', 800)])
    for (const bytes of [encodeNested(40), written, laid]) {
      const checksums = await checksumsOf(bytes)
      expect(checksums.length).toBeGreaterThan(0)
      expect(checksums.every((crc) => typeof crc === 'number')).toBe(true)
    }
  })
})

describe('a table with one changed byte', () => {
  it('decodes to identical rows or is reported as damaged, for every byte and every change', {
    timeout: 60_000,
  }, async () => {
    const bytes = encodeNested(12)
    const rows = await readOurs(bytes)
    let damaged = 0
    for (let at = 0; at < bytes.length; at++) {
      for (const by of [1 << (at % 8), 0xff, 0x10]) {
        if ((await problemOf(flipped(bytes, at, by), rows)) !== undefined) damaged += 1
      }
    }
    // Of all bytes only the first four and the mark of the footer's checksum mean nothing to a reader.
    expect(damaged).toBeGreaterThanOrEqual(3 * (bytes.length - 12))
  })

  it('is not assembled with other tables', async () => {
    for (const rows of [20, 700]) {
      const part = encodePart('part', rows)
      const { start, end } = (await openTable(bytesSource(part))).rowGroups[0]!
      const step = Math.ceil((end - start) / 50)
      for (let at = start; at < end; at += step) {
        await expect(assemble([encodePart('a', 600), flipped(part, at, 4)])).rejects.toMatchObject({
          code: 'TABLE_UNREADABLE',
        })
      }
    }
  })

  it('is reported with the column, the page and the row group of the damage', async () => {
    const bytes = await assemble([
      encodePart('a', 600),
      encodePart('b', 900),
      encodePart('c', 700),
      encodePart('d', 900),
    ])
    const { metadata } = await openTable(bytesSource(bytes))
    const column = metadata.row_groups[1]!.columns[3]!.meta_data!
    const last = Number(column.data_page_offset) + Number(column.total_compressed_size) - 1
    await expect(readOurs(flipped(bytes, last, 1))).rejects.toThrow(
      'The table cannot be read: column x, page 1 of row group 1: its bytes do not fit its checksum.',
    )
  })

  it('is reported as damaged if a length, a name or a bound in the footer has changed', async () => {
    const bytes = encodePart('part', 30)
    const { start } = { start: bytes.length - 8 - Buffer.from(bytes).readUInt32LE(bytes.length - 8) }
    for (let at = start; at < bytes.length - 8; at += 17) {
      await expect(readOurs(flipped(bytes, at, 1))).rejects.toThrow('its footer is damaged')
    }
  })
})

describe('a table by another writer', () => {
  it('is rejected, with column and page, if a checksum does not match', async () => {
    const bytes = await readFile(new URL('fixtures/datapage_v1-corrupt-checksum.parquet', import.meta.url))
    await expect(readOurs(bytes)).rejects.toMatchObject({
      code: 'TABLE_UNREADABLE',
      message: expect.stringMatching(/column \w+, page \d+ of row group 0: its bytes do not fit its checksum/),
    })
  })
})

describe.skipIf(!(await hasPython('checksums as pyarrow has them')))(
  'pyarrow and page checksums',
  { timeout: 120_000 },
  () => {
    const check = async (files: readonly Uint8Array[]) => {
      const folder = await temporaryFolder()
      const paths = files.map((_, i) => join(folder, `${i}.pq`))
      await Promise.all(files.map((bytes, i) => writeFile(paths[i]!, bytes)))
      return runPython<(number | string)[]>(new URL('read_checked.py', import.meta.url), paths)
    }

    it('verifies the checksums that Scythe writes, and detects a changed byte', async () => {
      const whole = [
        encodeNested(40),
        await assemble([encodePart('a', 600), encodePart('b', 700), encodePart('c', 900)]),
      ]
      const { rowGroups } = await openTable(bytesSource(whole[1]!))
      const damaged = rowGroups.map(({ end }) => flipped(whole[1]!, end - 1, 1))
      const found = await check([...whole, ...damaged])
      expect(found.slice(0, 2)).toEqual([40, 2200])
      for (const problem of found.slice(2)) expect(problem).toMatch(/crc|checksum/i)
    })

    it('writes checksums that Scythe verifies, for data pages of both versions and for dictionary pages', async () => {
      const folder = await temporaryFolder()
      const kinds = {
        'v1.pq': { use_dictionary: false },
        'v2.pq': { data_page_version: '2.0', use_dictionary: false },
        'dictionary.pq': { compression: 'NONE' },
        'gzip.pq': { compression: 'GZIP', data_page_version: '2.0' },
      }
      const paths = Object.entries(kinds).map(([name, options]) => [join(folder, name), options] as const)
      await runPython(new URL('write_checked.py', import.meta.url), Object.fromEntries(paths))
      for (const [path] of paths) {
        const bytes = await readFile(path)
        expect(await readOurs(bytes)).toHaveLength(1000)
        const { metadata } = await openTable(bytesSource(bytes))
        for (const { meta_data } of metadata.row_groups[0]!.columns) {
          const { dictionary_page_offset, data_page_offset, total_compressed_size } = meta_data!
          const start = Number(dictionary_page_offset ?? data_page_offset)
          const dictionaryEnd = dictionary_page_offset === undefined ? [] : [Number(data_page_offset)]
          for (const end of [...dictionaryEnd, start + Number(total_compressed_size)]) {
            const at = end - 1
            await expect(readOurs(flipped(bytes, at, 2)), `${path} at ${at}`).rejects.toThrow('do not fit its checksum')
          }
        }
      }
    })
  },
)
