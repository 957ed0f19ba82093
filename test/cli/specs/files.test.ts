import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine } from '../../../src/cli/csv-line.js'
import { readCsv } from '../../../src/cli/specs/csv.js'
import { readJsonLines } from '../../../src/cli/specs/jsonl.js'
import { readParquet } from '../../../src/cli/specs/parquet.js'
import { encodeTable } from '../../../src/table/encode.js'
import { collect } from '../../support/collect.js'
import { temporaryFolder } from '../../support/folders.js'

const csv = async (text: string) => collect(await readCsv('a.csv', Readable.from([Buffer.from(text)])))
const jsonl = (...chunks: (string | Buffer)[]) =>
  collect(readJsonLines('a.jsonl', Readable.from(chunks.map((chunk) => Buffer.from(chunk)))))

describe('a CSV file', () => {
  it('gives its rows as texts, blanks as null', async () => {
    expect(await csv('\uFEFFn, place \r\n1,"a ""b"", c"\r\n\r\n,"two\nlines"\r\n')).toEqual([
      { n: '1', place: 'a "b", c' },
      { n: null, place: 'two\nlines' },
    ])
    expect(await csv('')).toEqual([])
  })

  it('has what was written, whatever it was', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', '❄'), minLength: 1, maxLength: 5 })
    const cells = fc.tuple(text, text)
    await fc.assert(
      fc.asyncProperty(fc.array(cells), async (rows) => {
        const text = ['a,b', ...rows.map(csvLine)].map((line) => `${line}\n`).join('')
        expect(await csv(text)).toEqual(rows.map(([a, b]) => ({ a, b })))
      }),
    )
  })

  it.each([
    ['a,b\n1,2\n3\n', 'line 3 has more or fewer values than the lines before it'],
    ['a,b,a\n', 'the column a twice'],
    [',n\n0,1\n', 'column 1 of its header has no name'],
    ['a,b\n1,"2\n', 'quote'],
  ])('that is damaged is refused: %j', async (text, message) => {
    await expect(csv(text)).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      file: 'a.csv',
      message: expect.stringContaining(message),
    })
  })
})

describe('a file of JSON lines', () => {
  it('gives its objects, however the bytes come', async () => {
    const snow = Buffer.from('{"s":"❄"}\n')
    expect(
      await jsonl('\uFEFF{"a":', '1}\r\n\n{"a":2}', '\n', snow.subarray(0, 7), snow.subarray(7), '{"a":null}'),
    ).toEqual([{ a: 1 }, { a: 2 }, { s: '❄' }, { a: null }])
  })

  it.each([
    ['{"a":1}\n{"a":1', 'line 2 is no JSON'],
    ['{"a":1}\n\n[1]\n', 'line 3 is no JSON object'],
  ])('that is damaged is refused: %j', async (text, message) => {
    await expect(jsonl(text)).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      message: expect.stringContaining(message),
    })
  })
})

describe('a Parquet file', () => {
  it('gives its rows', async () => {
    const path = join(await temporaryFolder(), 'a.pq')
    const schema = {
      columns: [
        { name: 'n', type: { kind: 'int64' } },
        { name: 's', type: { kind: 'string' } },
      ],
      index: [],
    } as const
    await writeFile(path, encodeTable(schema, { n: [1, null], s: ['a', 'b'] }, 2))
    expect(await collect(await readParquet(path))).toEqual([
      { n: 1, s: 'a' },
      { n: null, s: 'b' },
    ])
  })

  it('that is none is refused before it is read', async () => {
    const path = join(await temporaryFolder(), 'a.pq')
    await writeFile(path, 'n\n1\n')
    await expect(readParquet(path)).rejects.toMatchObject({ code: 'SPECS_UNREADABLE', file: path })
  })
})
