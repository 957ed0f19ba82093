import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { CellObject } from '@e965/xlsx'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openSpecs, type SpecsOptions } from '../../../src/cli/specs/open.js'
import { readXlsx } from '../../../src/cli/specs/xlsx.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { placeOf } from '../../../src/run/spec-place.js'
import { collect } from '../../support/collect.js'
import { temporaryFolder } from '../../support/folders.js'
import { type Cell, partOf, sheetOf, tableOf, withParts, workbook } from './workbooks.js'

const SHEET = 'xl/worksheets/sheet1.xml'

async function read(book: Buffer, sheet?: string) {
  const table = await readXlsx('a.xlsx', Readable.from([book]), { sheet })
  const all = await collect(table.batches)
  return { sheet: table.sheet, rows: all.flatMap(({ rows }) => rows), places: all.flatMap(({ places }) => places) }
}

const rowsOf = async (...given: Parameters<typeof read>) => (await read(...given)).rows

const serial = (v: number, format: string): CellObject => ({ t: 'n', v, z: format })
const formula = (f: string, cell: Partial<CellObject>): CellObject => ({ t: 's', ...cell, f }) as CellObject

describe('a sheet', () => {
  it('yields numbers, texts, booleans and the results of formulas', async () => {
    const book = tableOf(
      ['n', ' text ', 'on', 'sum', 'word', 'nothing', 2020],
      [
        0.1 + 0.2,
        '<ü> ❄ & "x" ',
        true,
        formula('A2*2', { t: 'n', v: 7 }),
        formula('T(1)', { v: 'yes' }),
        formula('""', { v: '' }),
        1,
      ],
      [1e-300, '', false, formula('A2>1', { t: 'b', v: true }), null, null, -0.5],
    )
    expect(await rowsOf(book)).toEqual([
      { n: 0.1 + 0.2, text: '<ü> ❄ & "x" ', on: true, sum: 7, word: 'yes', nothing: null, 2020: 1 },
      { n: 1e-300, text: '', on: false, sum: true, word: null, nothing: null, 2020: -0.5 },
    ])
  })

  it('numbers its rows as the sheet shows them, and skips rows without values', async () => {
    const blank: CellObject = { t: 'z', z: '0.00' }
    const book = tableOf(
      [null],
      [null, 'b', 'a'].slice(1),
      [],
      [blank, blank],
      ['1', 2],
      [null, blank, blank],
      ['', null],
    )
    expect(await read(book)).toEqual({
      sheet: 'Specs',
      rows: [
        { b: '1', a: 2 },
        { b: '', a: null },
      ],
      places: [5, 7],
    })
  })

  it.each([
    [1, 'yyyy-mm-dd', '1900-01-01T00:00:00.000Z', '1904-01-02T00:00:00.000Z'],
    [59.5, 'd/m/yy h:mm', '1900-02-28T12:00:00.000Z', '1904-02-29T12:00:00.000Z'],
    [61, 'mmm-yy', '1900-03-01T00:00:00.000Z', '1904-03-02T00:00:00.000Z'],
    [45322.521006944, '[$-407]d. mmmm yyyy', '2024-01-31T12:30:15.000Z', '2028-02-01T12:30:15.000Z'],
    [2958465.999, 'yyyy', '9999-12-31T23:58:33.600Z', undefined],
  ])(
    'reads the serial %d in the format %s as a time, with the epoch 1900 or 1904',
    async (days, format, from1900, from1904) => {
      const sheet = sheetOf([['at'], [serial(days, format)]])
      expect(await rowsOf(workbook({ a: sheet }))).toEqual([{ at: new Date(from1900) }])
      const other = rowsOf(workbook({ a: sheet }, { Workbook: { WBProps: { date1904: true } } }))
      if (from1904) expect(await other).toEqual([{ at: new Date(from1904) }])
      else await expect(other).rejects.toThrow('cell A2 of sheet a is the day 2958465.999, which does not exist')
    },
  )

  it.each([
    [0.5, 'h:mm', '12:00:00'],
    [0, 'h:mm:ss AM/PM', '00:00:00'],
    [0.75 + 1.5 / 86_400, 'mm:ss.0', '18:00:01.500'],
    [1.5, '[h]:mm', '36:00:00'],
    [-1 / 24, '[mm]:ss', '-01:00:00'],
    [0.5, '0.00%', 0.5],
    [0.5, '"day" 0.0', 0.5],
    [45322, '[Red]#,##0', 45322],
  ])('reads %d in the format %s as %j', async (value, format, expected) => {
    expect(await rowsOf(tableOf(['a'], [serial(value, format)]))).toEqual([{ a: expected }])
  })

  it('reads times that are kept as text', async () => {
    const book = tableOf(['a', 'b', 'c'], [1, 2, 3])
    const sheet = partOf(book, SHEET).replace(
      /<c r="A2".*<\/c>/,
      '<c r="A2" t="d"><v>1900-01-31T06:00:00</v></c><c t="d" r="B2"><f>NOW()</f><v>2024-02-29</v></c><c r="C2" t="d"><v>07:05:00</v></c>',
    )
    expect(await rowsOf(withParts(book, { [SHEET]: sheet }))).toEqual([
      { a: new Date('1900-01-31T06:00:00Z'), b: new Date('2024-02-29'), c: '07:05:00' },
    ])
  })

  it.each([
    ['an error', [['n', 'm'], [], [1, { t: 'e', v: 42 }]], 'cell B3 of sheet Specs is #N/A. Mend it'],
    ['another error', [['n'], [formula('1/0', { t: 'e', v: 7 })]], 'cell A2 of sheet Specs is #DIV/0!'],
    ['a day that does not exist', [['n'], [serial(60, 'yyyy-mm-dd')]], 'cell A2 of sheet Specs is the day 60'],
    ['a negative day', [['n'], [serial(-1, 'yyyy-mm-dd')]], 'cell A2 of sheet Specs is the day -1'],
    [
      'a column without a name',
      [
        ['n', null, 'm'],
        [1, 2, 3],
      ],
      'column B of its header (row 1 of sheet Specs) has no name',
    ],
    ['a duplicate column', [[], ['n', 'm', ' n']], 'its header (row 2 of sheet Specs) has the column n twice'],
    [
      'a title above the header',
      [['Study'], ['n', 'm'], [1, 2]],
      'cell B2 of sheet Specs has a value, and its column no name',
    ],
  ] as [string, Cell[][], string][])('with %s is rejected with the cell', async (_, rows, message) => {
    await expect(rowsOf(tableOf(...rows))).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      file: 'a.xlsx',
      message: expect.stringContaining(message),
    })
  })

  it('is rejected with the cell if a formula was never calculated', async () => {
    const book = tableOf(['n'], [1])
    const sheet = partOf(book, SHEET).replace(/<c r="A2".*?<\/c>/, '<c r="A2"><f>1+1</f><v></v></c>')
    await expect(rowsOf(withParts(book, { [SHEET]: sheet }))).rejects.toThrow(
      'cell A2 of sheet Specs has a formula and no value',
    )
  })

  it('is read at once if a link covers all of it', async () => {
    const book = tableOf(['n'], [1])
    const links = '</sheetData><hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>'
    const sheet = partOf(book, SHEET).replace('</sheetData>', links)
    expect(await rowsOf(withParts(book, { [SHEET]: sheet }))).toEqual([{ n: 1 }])
  })

  it('yields no rows if it is empty', async () => {
    expect(await rowsOf(tableOf([]))).toEqual([])
    expect(await rowsOf(tableOf(['n']))).toEqual([])
  })
})

describe('sheets of a workbook', () => {
  const names = ['Notes', 'Specs', '1', 'Größe']
  const sheets = Object.fromEntries(names.map((name) => [name, sheetOf([['a'], [name]])]))
  const book = workbook(sheets, { SheetNames: names, Workbook: { Sheets: [{ Hidden: 1 }, {}, {}, {}] } })

  it.each([
    [undefined, 'Specs'],
    ['specs', 'Specs'],
    ['2', '1'],
    ['1', '1'],
    ['3', 'Größe'],
    ['GRÖßE', 'Größe'],
    ['Notes', 'Notes'],
  ])('are selected by name, number or default: %s selects %s', async (sheet, found) => {
    expect(await read(book, sheet)).toMatchObject({ sheet: found, rows: [{ a: found }] })
  })

  it.each(['Spec', '0', '4', ''])('are listed in the error if there is no sheet %j', async (sheet) => {
    await expect(read(book, sheet)).rejects.toThrow(`it has no sheet ${sheet}. It has Notes, Specs, 1, Größe.`)
  })
})

describe('specs of a workbook', () => {
  const experiment = compileExperiment(
    {
      input: z.object({
        n: z.int(),
        day: z.iso.date().optional(),
        at: z.iso.datetime().optional(),
        clock: z.iso.time().optional(),
        when: z.date().optional(),
        sizes: z.array(z.number()).optional(),
      }),
      output: z.object({}),
    },
    function count() {},
    'file:///count.js',
  )
  const day = serial(45351, 'yyyy-mm-dd')

  async function specsOf(name: string, content: Buffer | string, options?: SpecsOptions) {
    const path = join(await temporaryFolder(), name)
    await writeFile(path, content)
    return openSpecs([path], experiment, options)
  }

  it('are converted to the types of the input', async () => {
    const noon = serial(0.5, 'h:mm')
    const book = tableOf(
      ['n', 'day', 'at', 'clock', 'when', 'sizes'],
      ['7', day, day, noon, day, '[1, 2]'],
      [8, '2024-02-29'],
    )
    expect(await collect(await specsOf('a.xlsx', book))).toEqual([
      {
        n: 7,
        day: '2024-02-29',
        at: '2024-02-29T00:00:00.000Z',
        clock: '12:00:00',
        when: new Date('2024-02-29'),
        sizes: [1, 2],
      },
      { n: 8, day: '2024-02-29' },
    ])
  })

  it('are missing if the text of a cell is empty, as pandas writes it, except in a field of texts', async () => {
    const book = tableOf(['n', 'day', 'sizes'], [7, '', ''])
    expect(await collect(await specsOf('a.xlsx', book))).toEqual([{ n: 7 }])
    const input = z.object({ s: z.string(), x: z.number().nullable() })
    const open = compileExperiment({ input, output: z.object({}) }, function f() {}, 'file:///f.js')
    const path = join(await temporaryFolder(), 'b.xlsx')
    await writeFile(path, tableOf(['s', 'x'], ['', '']))
    expect(await collect(await openSpecs([path], open))).toEqual([{ s: '', x: null }])
  })

  it('have the sheet and the row as their position', async () => {
    const specs = await specsOf('a.XLSX', tableOf(['n'], [], [7]))
    for await (const _ of specs) expect(placeOf(specs, 0)).toBe('row 3 of sheet Specs')
  })

  it('are read from the requested sheet, which other kinds of files do not have', async () => {
    const book = workbook({ a: sheetOf([['n'], [1]]), b: sheetOf([['n'], [2]]) })
    expect(await collect(await specsOf('a.xlsx', book, { sheet: 'b' }))).toEqual([{ n: 2 }])
    for (const name of ['a.csv', 'a.jsonl', 'a.pq', 'a.json.gz']) {
      await expect(specsOf(name, 'n\n1\n', { sheet: '1' })).rejects.toMatchObject({ code: 'USAGE' })
    }
  })
})
