import { Fields } from '../../experiment/own-fields.js'
import { rearm } from '../csv-text.js'
import { SpecsUnreadableError } from '../errors.js'
import { type CsvDialect, type DialectHints, findDialect } from './csv-dialect.js'
import { CsvParser, type CsvRecord, type CsvRecords } from './csv-parser.js'
import { decodeText } from './decode.js'
import { checkHeader } from './header.js'
import type { OpenTable, RowBatch } from './rows.js'

export interface CsvOptions extends DialectHints {
  readonly encoding?: string | undefined
}

/**
 * Reads the rows of a CSV file with a header. Every value is its text; a blank is null. Throws
 * `SpecsUnreadableError` with the line.
 */
export async function readCsv(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): Promise<OpenTable> {
  let dialect: CsvDialect | undefined
  const pieces = recordsOf(file, chunks, options, (found) => {
    dialect = found
  })
  // The header is read before anything is allocated.
  let first = await pieces.next()
  while (!first.done && first.value.records.length === 0) first = await pieces.next()
  const names = first.done ? [] : columnNames(file, first.value.records[0]!)
  async function* batches() {
    if (first.done) return
    yield batchOf(names, first.value, 1)
    for await (const piece of pieces) yield batchOf(names, piece, 0)
  }
  // If commas divide values, numbers cannot have decimal commas.
  return { encoding: 'text', unit: 'line', decimalComma: dialect?.delimiter === ';', batches: batches() }
}

async function* recordsOf(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions,
  tell: (dialect: CsvDialect) => void,
): AsyncGenerator<CsvRecords> {
  let parser: CsvParser | undefined
  let head = ''
  function begin(isWhole: boolean): CsvRecords | undefined {
    const dialect = findDialect(head, isWhole, options)
    if (!dialect) return undefined
    tell(dialect)
    parser = new CsvParser(dialect.delimiter, dialect.start > 0 ? 2 : 1)
    return parser.push(head.slice(dialect.start))
  }
  const lineNext = () => parser?.line ?? head.split(/\r\n|\r|\n/).length
  try {
    for await (const text of decodeText(file, chunks, lineNext, options.encoding)) {
      head += parser ? '' : text
      const records = parser ? parser.push(text) : begin(false)
      if (records) yield records
      parser?.check()
    }
    const records = parser ? undefined : begin(true)
    if (records) yield records
    parser!.check()
    yield parser!.end()
  } catch (error) {
    if (error instanceof SpecsUnreadableError) throw error
    throw new SpecsUnreadableError(file, (error as Error).message, { cause: error })
  }
}

function batchOf(names: readonly string[], { records, lines }: CsvRecords, from: number): RowBatch {
  const rows = []
  for (let r = from; r < records.length; r++) {
    const record = records[r]!
    const row = new Fields()
    for (let i = 0; i < names.length; i++) {
      const text = record[i]
      row[names[i]!] = typeof text === 'string' ? rearm(text) : text
    }
    rows.push(row)
  }
  return { rows, places: from === 0 ? lines : lines.slice(from) }
}

function columnNames(file: string, header: CsvRecord): string[] {
  const names = header.map((name) => rearm(name?.trim() ?? ''))
  if (names.some((name) => name.includes('\0'))) {
    const problem = 'its header has bytes that are zero. If the file is in UTF-16, say so: --encoding utf-16le.'
    throw new SpecsUnreadableError(file, problem)
  }
  checkHeader(file, names, { header: 'its header', column: (index) => String(index + 1) })
  return names
}
