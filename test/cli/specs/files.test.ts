import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine } from '../../../src/cli/csv-text.js'
import { readCsv } from '../../../src/cli/specs/csv.js'
import { readJsonArray } from '../../../src/cli/specs/json-array.js'
import { readJsonLines } from '../../../src/cli/specs/jsonl.js'
import { readParquet } from '../../../src/cli/specs/parquet.js'
import type { OpenTable } from '../../../src/cli/specs/rows.js'
import { encodeTable } from '../../../src/table/writer.js'
import { collect } from '../../support/collect.js'
import { temporaryFolder } from '../../support/folders.js'

const rowsOf = async ({ batches }: OpenTable) => (await collect(batches)).flatMap(({ rows }) => rows)
const csv = async (text: string) => rowsOf(await readCsv('a.csv', Readable.from([Buffer.from(text)])))
const jsonl = (...chunks: (string | Buffer)[]) =>
  rowsOf(readJsonLines('a.jsonl', Readable.from(chunks.map((chunk) => Buffer.from(chunk)))))

describe('a CSV file', () => {
  it('yields its rows as texts, with blanks as null', async () => {
    expect(await csv('\uFEFFn, place \r\n1,"a ""b"", c"\r\n\r\n,"two\nlines"\r\n')).toEqual([
      { n: '1', place: 'a "b", c' },
      { n: null, place: 'two\nlines' },
    ])
    expect(await csv('')).toEqual([])
  })

  it('has empty texts in quotes, and blanks without quotes', async () => {
    expect(await csv('a,b\n"",\n,""\n')).toEqual([
      { a: '', b: null },
      { a: null, b: '' },
    ])
  })

  it('may end each line differently', async () => {
    const rows = [
      { a: '1', b: 'x' },
      { a: '2', b: 'y' },
      { a: '3', b: 'z\r\nz' },
      { a: '4', b: null },
    ]
    const text = 'a,b\n1,x\r\n2,y\r3,"z\r\nz"\n\r\n4,'
    expect(await csv(text)).toEqual(rows)
    for (let cut = 1; cut < text.length; cut++) {
      const pieces = Readable.from([Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))])
      expect(await rowsOf(await readCsv('a.csv', pieces))).toEqual(rows)
    }
  })

  it('is rejected with the line if its bytes are not UTF-8, however they are split', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\r\n❄,"1\n2"\n'), Buffer.from('Zürich,2\n', 'latin1')])
    for (let cut = 1; cut < bytes.length; cut++) {
      const pieces = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)])
      const reading = readCsv('a.csv', pieces).then(rowsOf)
      await expect(reading).rejects.toMatchObject({
        code: 'SPECS_UNREADABLE',
        message: expect.stringContaining('line 4 is not in UTF-8'),
      })
    }
  })

  it('yields the values that were written, whatever they are', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', '❄'), maxLength: 5 })
    const cells = fc.tuple(text, text)
    await fc.assert(
      fc.asyncProperty(fc.array(cells), async (rows) => {
        const text = ['a,b', ...rows.map((cells) => csvLine(cells))].map((line) => `${line}\n`).join('')
        expect(await csv(text)).toEqual(rows.map(([a, b]) => ({ a, b })))
      }),
    )
  })

  it.each([
    ['a,b\n1,2\n3\n', 'line 3 has 1 value, and the header 2 columns'],
    ['a,b,a\n', 'the column a twice'],
    [',n\n0,1\n', 'column 1 of its header has no name'],
    ['a,b\n1,"2\n', 'line 2 has a value whose quote is not closed'],
    ['a,b\n1,x"y"\n', 'line 2 has a quote within a value'],
    ['a,b\n\n"1\n",2\n1,"x"y\n', 'line 5 has text after a value in quotes'],
  ])('is rejected if it is damaged: %j', async (text, message) => {
    await expect(csv(text)).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      file: 'a.csv',
      message: expect.stringContaining(message),
    })
  })
})

describe('a file of JSON lines', () => {
  it('yields its objects, however the bytes are split', async () => {
    const snow = Buffer.from('{"s":"❄"}\n')
    expect(
      await jsonl('\uFEFF{"a":', '1}\r\n\n{"a":2}', '\n', snow.subarray(0, 7), snow.subarray(7), '{"a":null}'),
    ).toEqual([{ a: 1 }, { a: 2 }, { s: '❄' }, { a: null }])
  })

  it('is rejected with the line if its bytes are not UTF-8', async () => {
    const reading = jsonl('{"a":"ü"}\n', Buffer.from('{"a":"ü"}\n', 'latin1'))
    await expect(reading).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      message: expect.stringContaining('line 2 is not in UTF-8'),
    })
  })

  it.each([
    ['{"a":1}\n{"a":1', 'line 2 is not valid JSON'],
    ['{"a":1}\n\n[1]\n', 'line 3 is not a JSON object'],
  ])('is rejected if it is damaged: %j', async (text, message) => {
    await expect(jsonl(text)).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      message: expect.stringContaining(message),
    })
  })
})

describe('a file with a JSON array', () => {
  const read = async (text: string, cut = 0) => {
    const { batches } = readJsonArray(
      'a.json',
      Readable.from([Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))]),
    )
    const all = await collect(batches)
    return { rows: all.flatMap(({ rows }) => rows), lines: all.flatMap(({ places }) => places) }
  }

  it('yields its objects and their lines, however the bytes are split', async () => {
    const text = '\n[ {"a": "],\\"}{", "b": [1, {"c": 2}]},\n\n{"a": null}\n]\n '
    for (let cut = 0; cut < text.length; cut++) {
      expect(await read(text, cut)).toEqual({
        rows: [{ a: '],"}{', b: [1, { c: 2 }] }, { a: null }],
        lines: [2, 4],
      })
    }
    expect((await read('[]')).rows).toEqual([])
  })

  it('yields what JSON.parse returns, whatever the values are', async () => {
    const items = fc.array(fc.dictionary(fc.string(), fc.jsonValue()))
    await fc.assert(
      fc.asyncProperty(items, fc.nat(3), async (items, indent) => {
        const text = JSON.stringify(items, null, indent)
        expect((await read(text, text.length >> 1)).rows).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ['', 'line 1 is not a JSON array'],
    ['{"a": 1}', 'line 1 does not begin a JSON array'],
    ['[{"a": 1},\n{"a"', 'line 2 ends before the JSON array does'],
    ['[{"a": 1},\n{"a": NaN}]', 'item 2 (line 2) is not valid JSON'],
    ['[{"a": 1}\n,]', 'line 2 has a ] in the place of an item'],
    ['[{"a": 1}]\n]', 'line 2 has text after the end'],
    ['[1]', 'item 1 (line 1) is not a JSON object'],
    ['[{"a": 1}}, {"a": 2}]', 'line 1 has a } that closes nothing'],
  ])('is rejected if it is damaged: %j', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      message: expect.stringContaining(message),
    })
  })
})

describe('a Parquet file', () => {
  it('yields its rows', async () => {
    const path = join(await temporaryFolder(), 'a.pq')
    const schema = {
      columns: [
        { name: 'n', type: { kind: 'int64' } },
        { name: 's', type: { kind: 'string' } },
      ],
      index: [],
    } as const
    await writeFile(path, encodeTable(schema, { n: [1, null], s: ['a', 'b'] }, 2))
    expect(await rowsOf(await readParquet('a.pq', path))).toEqual([
      { n: 1, s: 'a' },
      { n: null, s: 'b' },
    ])
  })

  it('is rejected before it is read if it is not Parquet', async () => {
    const path = join(await temporaryFolder(), 'a.pq')
    await writeFile(path, 'n\n1\n')
    await expect(readParquet('a.pq', path)).rejects.toMatchObject({ code: 'SPECS_UNREADABLE', file: 'a.pq' })
  })
})
