import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type CsvOptions, readCsv } from '../../../src/cli/specs/csv.js'
import { checkEncoding } from '../../../src/cli/specs/decode.js'
import { openSpecs, type SpecsOptions } from '../../../src/cli/specs/open.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { collect } from '../../support/collect.js'
import { temporaryFolder } from '../../support/folders.js'

async function read(bytes: Buffer | string, options?: CsvOptions, cut = 0) {
  const whole = Buffer.from(bytes as string)
  const pieces = cut > 0 ? [whole.subarray(0, cut), whole.subarray(cut)] : [whole]
  const { batches } = await readCsv('a.csv', Readable.from(pieces), options)
  const all = await collect(batches)
  return { rows: all.flatMap(({ rows }) => rows), lines: all.flatMap(({ places }) => places) }
}

const rowsOf = async (...given: Parameters<typeof read>) => (await read(...given)).rows

const experiment = compileExperiment(
  {
    input: z.object({ width: z.number(), note: z.string().nullable(), on: z.boolean().optional() }),
    output: z.object({}),
  },
  function wall() {},
  'file:///wall.js',
)

async function specsOf(name: string, text: string, options?: SpecsOptions) {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, text)
  return collect(await openSpecs([path], experiment, options))
}

describe('the delimiter of a CSV file', () => {
  it.each([
    ['commas', 'a,b\n1;2,"x,y"\n', [{ a: '1;2', b: 'x,y' }]],
    ['semicolons', 'a;b\n1,5;x\n', [{ a: '1,5', b: 'x' }]],
    ['tabs', 'a\tb\r\n1,5\tx\r\n', [{ a: '1,5', b: 'x' }]],
    ['semicolons beside quoted commas', '"a, in m";b\n1;2\n', [{ 'a, in m': '1', b: '2' }]],
    ['the delimiter in a line sep=', 'sep=|\r\na|b\r\n1|2\r\n', [{ a: '1', b: '2' }]],
    ['the delimiter in a line sep= that contradicts the header', 'sep=;\na,b;c\n1;2\n', [{ 'a,b': '1', c: '2' }]],
  ])('is detected in a table of %s', async (_, text, rows) => {
    expect(await rowsOf(text)).toEqual(rows)
    for (let cut = 1; cut < text.length; cut++) expect(await rowsOf(text, {}, cut)).toEqual(rows)
  })

  it('is the one that yields known columns, if several yield equally many', async () => {
    expect(await rowsOf('a,b;c\n1;2\n', { fields: new Set(['c']) })).toEqual([{ 'a,b': '1', c: '2' }])
  })

  it('is the one that was requested', async () => {
    expect(await rowsOf('a;b,c\n1,2\n', { delimiter: ',' })).toEqual([{ 'a;b': '1', c: '2' }])
    expect(await specsOf('a.csv', 'width:note\n1:x\n', { delimiter: ':' })).toEqual([{ width: 1, note: 'x' }])
    await expect(specsOf('a.csv', 'width\n1\n', { delimiter: '::' })).rejects.toThrow('--delimiter to be one character')
  })

  it('is a tab in a .tsv file of one column', async () => {
    expect(await specsOf('a.tsv', 'width\tnote\n1\ta, b\n')).toEqual([{ width: 1, note: 'a, b' }])
  })
})

describe('numbers of a CSV file', () => {
  it('may have decimal commas if semicolons separate them', async () => {
    expect(await specsOf('a.csv', 'width;note\n2,5;1,5\n-1e-3;x\n1,5E+2;\n')).toEqual([
      { width: 2.5, note: '1,5' },
      { width: -0.001, note: 'x' },
      { width: 150, note: null },
    ])
    expect(await specsOf('a.csv', 'width;note\n2.5;x\n')).toEqual([{ width: 2.5, note: 'x' }])
  })

  it('stay texts if points may separate their thousands', async () => {
    expect(await specsOf('a.csv', 'width;note\n2,5;x\n1.250;x\n1.250,5;x\n')).toEqual([
      { width: 2.5, note: 'x' },
      { width: '1.250', note: 'x' },
      { width: '1.250,5', note: 'x' },
    ])
  })

  it('have no decimal commas with other delimiters', async () => {
    expect(await specsOf('a.csv', 'width,note\n"2,5",x\n')).toEqual([{ width: '2,5', note: 'x' }])
  })

  it('are missing if R writes NA, which stays a text in a column of texts', async () => {
    expect(await specsOf('a.csv', '"width","note","on"\n1,NA,NA\n')).toEqual([{ width: 1, note: 'NA' }])
  })
})

describe('rows without values', () => {
  it('are skipped', async () => {
    const text = '\n,,\na,b,\n1,2,\n,,\n  \n3,,\n,,,\n\n'
    expect(await read(text)).toEqual({
      rows: [
        { a: '1', b: '2' },
        { a: '3', b: null },
      ],
      lines: [4, 7],
    })
  })

  it('are rows if they have empty texts in quotes', async () => {
    expect(await rowsOf('a,b\n"",""\n')).toEqual([{ a: '', b: '' }])
  })

  it('do not hide values beyond the last column', async () => {
    await expect(rowsOf('a,b,\n1,2,3\n')).rejects.toThrow('line 2 has 3 values, and the header 2 columns.')
  })
})

describe('the encoding of a CSV file', () => {
  const text = 'a,b\n❄,"ü\n€"\n'
  const rows = [{ a: '❄', b: 'ü\n€' }]
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16, as Excel saves "Unicode text"', utf16],
    ['UTF-16 of the other byte order', Buffer.from(utf16).swap16()],
  ])('may be %s, however the bytes are split', async (_, bytes) => {
    for (let cut = 0; cut < bytes.length; cut++) expect(await rowsOf(bytes, {}, cut)).toEqual(rows)
  })

  it('may be one that is named', async () => {
    const bytes = Buffer.from([0x61, 0x0a, 0x80, 0xfc, 0x92])
    expect(await rowsOf(bytes, { encoding: 'windows-1252' })).toEqual([{ a: '€ü’' }])
    expect(await rowsOf(Buffer.from('a\nü', 'utf16le'), { encoding: 'utf-16le' })).toEqual([{ a: 'ü' }])
    expect(await rowsOf(Buffer.from([0x61, 0x0a, 0x82, 0xa0]), { encoding: 'shift_jis' })).toEqual([{ a: 'あ' }])
    expect(() => checkEncoding('klingon')).toThrow('Expected --encoding to be the name of an encoding')
  })

  it('is rejected with the line and the remedy if it is another one', async () => {
    const latin1 = Buffer.from('a,b\n1,x\n2,Zürich\n', 'latin1')
    await expect(rowsOf(latin1)).rejects.toThrow(/line 3 is not in UTF-8 .*0xfc.*"CSV UTF-8".*--encoding windows-1252/)
    await expect(rowsOf(Buffer.from('a,b\n1,2\n', 'utf16le'))).rejects.toThrow('--encoding utf-16le')
    const broken = Buffer.concat([Buffer.from('\uFEFFa\nx\n', 'utf16le'), Buffer.from([0x00, 0xd8, 0x61, 0x00])])
    await expect(rowsOf(broken)).rejects.toThrow('line 3 is not in utf-16le')
  })
})

it('CSV lines are counted as an editor counts them, however the bytes are split', async () => {
  const text = 'sep=;\r\na;b\r\n1;"x\r\ny\r\n"\n\n2;z\r3;z'
  for (let cut = 0; cut < text.length; cut++) expect((await read(text, {}, cut)).lines).toEqual([3, 7, 8])
})

it('any bytes of a CSV file become rows, or an error that names the file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const outcome = await rowsOf(Buffer.from(bytes)).catch((error) => error)
      if (!Array.isArray(outcome)) expect(outcome).toMatchObject({ code: 'SPECS_UNREADABLE', file: 'a.csv' })
    }),
  )
})
