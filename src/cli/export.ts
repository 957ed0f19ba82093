import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { landFile } from '../store/local-file.js'
import { csvLine } from './csv-line.js'
import { UsageError } from './errors.js'
import { toJson } from './format.js'
import { print } from './stdout.js'

export type ExportFormat = 'csv' | 'jsonl'

export interface ExportOptions {
  readonly format?: string
  readonly output?: string
}

/** The format that is asked for, else the one that the file's name says, else CSV. */
export function exportFormat({ format, output }: ExportOptions): ExportFormat {
  if (format === undefined) return output?.endsWith('.jsonl') ? 'jsonl' : 'csv'
  if (format === 'csv' || format === 'jsonl') return format
  throw new UsageError(`Expected --format to be csv or jsonl, got ${format}.`)
}

/** Writes rows to a file, which appears only when it is complete, or to stdout where none is named. */
export async function exportRows(
  rows: AsyncIterable<Readonly<Record<string, unknown>>>,
  columns: readonly string[],
  format: ExportFormat,
  output: string | undefined,
): Promise<void> {
  const text = inChunks(format === 'csv' ? csvLines(rows, columns) : jsonLines(rows, columns))
  if (output === undefined) {
    for await (const chunk of text) await print(chunk)
  } else {
    await landFile(resolve(output), (path) => pipeline(Readable.from(text), createWriteStream(path)))
  }
}

async function* csvLines(rows: AsyncIterable<Readonly<Record<string, unknown>>>, columns: readonly string[]) {
  yield csvLine(columns)
  for await (const row of rows) yield csvLine(columns.map((name) => row[name]))
}

async function* jsonLines(rows: AsyncIterable<Readonly<Record<string, unknown>>>, columns: readonly string[]) {
  for await (const row of rows) yield toJson(Object.fromEntries(columns.map((name) => [name, row[name]])))
}

const CHUNK_LENGTH = 1 << 16

/** Many lines at once: writing each on its own would be most of the work. */
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
