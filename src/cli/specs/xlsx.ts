import type { CellObject } from '@e965/xlsx'
import type { Row } from '../../experiment/convert.js'
import { Fields } from '../../experiment/own-fields.js'
import { SpecsUnreadableError } from '../errors.js'
import { checkHeader } from './header.js'
import type { OpenTable, RowBatch } from './rows.js'
import { loadLibrary, partsOf, readSheet, type SheetName, sheetNames } from './workbook.js'
import { type CellOptions, cellValue, isProblem } from './xlsx-cell.js'

/** Largest size of a workbook, compressed, in bytes. */
const LARGEST_FILE = 64 * 2 ** 20
/** Number of rows in a batch. */
const BATCH = 1000
const MOST_ROWS = 2 ** 20
const MOST_COLUMNS = 2 ** 14

export interface XlsxOptions {
  /** The sheet: a name, or a number from 1. Default: the first sheet that is shown. */
  readonly sheet?: string | undefined
  /**
   * Names of the columns for which an empty text is a value. For other columns it counts as
   * missing, because pandas writes it for missing values. Default: all columns.
   */
  readonly emptyTexts?: ReadonlySet<string> | undefined
}

/** The cells of a row, some of which are missing. */
type Cells = readonly (CellObject | undefined)[]
type NumberedRow = readonly [number: number, values: readonly unknown[]]

/**
 * Reads the rows of a sheet with a header: the sheet with this name or number, else the first. The
 * file is whole in memory, since the library cannot read it in any other way. Throws
 * `SpecsUnreadableError` with the sheet and the cell.
 */
export async function readXlsx(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  { sheet: wanted, emptyTexts }: XlsxOptions = {},
): Promise<OpenTable> {
  const library = await loadLibrary(file)
  const parts = partsOf(file, await wholeFile(file, chunks))
  const names = sheetNames(file, library, parts)
  const index = sheetIndex(file, names, wanted)
  const sheet = names[index]!.name
  const book = readSheet(file, library, parts, index)
  const content = book.Sheets[sheet]
  if (!content) throw new SpecsUnreadableError(file, `sheet ${sheet} is damaged.`)
  if ((content['!type'] ?? 'sheet') !== 'sheet') throw new SpecsUnreadableError(file, `sheet ${sheet} has no cells.`)
  const { utils, SSF } = library
  const options: CellOptions = {
    date1904: book.Workbook?.WBProps?.date1904 ?? false,
    isDate: (format) => SSF.is_date(format),
  }
  const refuse = (problem: string) => new SpecsUnreadableError(file, `${problem} (sheet ${sheet}).`)

  function valueAt(cell: CellObject | undefined, r: number, c: number): unknown {
    const value = cell === undefined ? null : cellValue(cell, options)
    if (!isProblem(value)) return value
    const at = utils.encode_cell({ r, c })
    throw new SpecsUnreadableError(file, `cell ${at} of sheet ${sheet} ${value.problem}`)
  }

  /** Yields the rows with values, each with its number in Excel. */
  function* rows(): Generator<NumberedRow> {
    const table = (content!['!data'] ?? []) as Record<number, Cells>
    // Iterates over keys instead of counting: there may be few rows, far apart.
    for (const key of Object.keys(table)) {
      const r = Number(key)
      const values: unknown[] = []
      for (const column of Object.keys(table[r]!)) {
        const c = Number(column)
        if (!(r < MOST_ROWS && c < MOST_COLUMNS)) throw refuse('it has cells where no sheet has any')
        const value = valueAt(table[r]![c], r, c)
        if (value === null) continue
        while (values.length < c) values.push(null)
        values[c] = value
      }
      if (values.length > 0) yield [r + 1, values]
    }
  }

  const all = rows()
  // The header is read before anything is allocated.
  const first = all.next()
  const columns = first.done ? [] : first.value[1].map((value) => headerText(value))
  const header = `its header (row ${first.done ? 1 : first.value[0]} of sheet ${sheet})`
  checkHeader(file, columns, { header, column: (index) => utils.encode_col(index) })

  async function* batches(): AsyncGenerator<RowBatch> {
    let rows: Row[] = []
    let places: number[] = []
    for (const [number, values] of all) {
      if (values.length > columns.length) {
        const at = utils.encode_cell({ r: number - 1, c: values.length - 1 })
        throw new SpecsUnreadableError(
          file,
          `cell ${at} of sheet ${sheet} has a value, and its column no name in ${header}.`,
        )
      }
      const row = new Fields()
      for (let i = 0; i < columns.length; i++) {
        const isMissing = values[i] === '' && emptyTexts?.has(columns[i]!) === false
        row[columns[i]!] = isMissing ? null : (values[i] ?? null)
      }
      rows.push(row)
      if (places.push(number) < BATCH) continue
      yield { rows, places }
      rows = []
      places = []
    }
    yield { rows, places }
  }
  return { encoding: 'text', unit: 'row', sheet, batches: batches() }
}

async function wholeFile(file: string, chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    pieces.push(chunk)
    length += chunk.length
    if (length <= LARGEST_FILE) continue
    throw new SpecsUnreadableError(file, 'it has more than 64 MiB, and a workbook is read whole: save it as CSV.')
  }
  return Buffer.concat(pieces)
}

/**
 * Returns the index of the requested sheet: the sheet with that name, or with that number among
 * those that are shown. Default: the first that is shown.
 */
function sheetIndex(file: string, sheets: readonly SheetName[], wanted: string | undefined): number {
  const shown = sheets.filter(({ isHidden }) => !isHidden)
  const named =
    sheets.find(({ name }) => name === wanted) ??
    sheets.find(({ name }) => name.toLowerCase() === wanted?.toLowerCase()) ??
    (/^\d+$/.test(wanted ?? '1') ? shown[Number(wanted ?? 1) - 1] : undefined)
  if (named) return sheets.indexOf(named)
  const has = `It has ${sheets.map(({ name }) => name).join(', ') || 'none'}.`
  throw new SpecsUnreadableError(
    file,
    wanted === undefined ? 'it shows no sheet.' : `it has no sheet ${wanted}. ${has}`,
  )
}

function headerText(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00.000Z$/, '')
  return String(value ?? '').trim()
}
