import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { own } from '../settings/own.js'
import type { Column } from '../table/schema.js'
import { arrowFile } from './arrow.js'
import { csvLine } from './csv-text.js'
import { writeOutput } from './export-file.js'
import type { ExportFormat } from './export-format.js'
import { toJson } from './format.js'
import { printData } from './stdout.js'

/**
 * Writes rows to a file, which appears only when it is complete, or to stdout if no file is named.
 * `raw` leaves formulas in CSV as they are.
 */
export async function exportRows(
  rows: AsyncIterable<Readonly<Record<string, unknown>>>,
  columns: readonly Column[],
  format: Exclude<ExportFormat, 'parquet'>,
  output: string | undefined,
  raw = false,
): Promise<void> {
  if (format === 'arrow') {
    return writeOutput(output!, async (path) => writeFile(path, await arrowFile(rows, columns)))
  }
  const text = inChunks(format === 'csv' ? csvLines(rows, columns, raw) : jsonLines(rows, columns))
  if (output !== undefined) {
    return writeOutput(output, (path) => pipeline(Readable.from(text), createWriteStream(path)))
  }
  for await (const chunk of text) await printData(chunk)
}

async function* csvLines(
  rows: AsyncIterable<Readonly<Record<string, unknown>>>,
  columns: readonly Column[],
  raw: boolean,
) {
  yield csvLine(
    columns.map(({ name }) => name),
    [],
    raw,
  )
  for await (const row of rows) {
    yield csvLine(
      columns.map(({ name }) => own(row, name)),
      columns,
      raw,
    )
  }
}

async function* jsonLines(rows: AsyncIterable<Readonly<Record<string, unknown>>>, columns: readonly Column[]) {
  for await (const row of rows) yield toJson(Object.fromEntries(columns.map(({ name }) => [name, own(row, name)])))
}

const CHUNK_LENGTH = 1 << 16

/** Joins lines into chunks: writing each line on its own would be most of the work. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = ''
  for await (const line of lines) {
    chunk += `${line}\n`
    if (chunk.length >= CHUNK_LENGTH) {
      yield chunk
      chunk = ''
    }
  }
  if (chunk !== '') yield chunk
}
