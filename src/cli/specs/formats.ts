import { schemeOf } from '../../store/address.js'
import { UsageError } from '../errors.js'
import { readCsv } from './csv.js'
import { readJsonArray } from './json-array.js'
import { readJsonLines } from './jsonl.js'
import { readParquet } from './parquet.js'
import type { OpenTable } from './rows.js'
import { type Sources, STDIN } from './source.js'
import { readXlsx } from './xlsx.js'

export interface FormatOptions {
  readonly delimiter?: string | undefined
  readonly encoding?: string | undefined
  /** The sheet of a workbook: a name, or a number from 1. */
  readonly sheet?: string | undefined
  /** Names that columns are likely to have. */
  readonly fields?: ReadonlySet<string>
  /** Names of the fields for which an empty text is a value. */
  readonly emptyTexts?: ReadonlySet<string>
}

/** Opens the table at an address. */
export type Format = (address: string, sources: Sources, options: FormatOptions) => Promise<OpenTable>

const csv: Format = async (address, sources, options) => readCsv(address, await sources.stream(address), options)
const tsv: Format = async (address, sources, options) =>
  readCsv(address, await sources.stream(address), { ...options, fallback: '\t' })
const jsonl: Format = async (address, sources, { encoding }) =>
  readJsonLines(address, await sources.stream(address), encoding)
const json: Format = async (address, sources, { encoding }) =>
  readJsonArray(address, await sources.stream(address), encoding)
const parquet: Format = async (address, sources) => readParquet(address, await sources.file(address))
const xlsx: Format = async (address, sources, options) => readXlsx(address, await sources.stream(address), options)

const FORMATS: Readonly<Record<string, Format>> = {
  '.csv': csv,
  '.tsv': tsv,
  '.json': json,
  '.jsonl': jsonl,
  '.ndjson': jsonl,
  '.parquet': parquet,
  '.pq': parquet,
  '.xlsx': xlsx,
}

/**
 * Returns the reader of the file at an address, by the ending of its name. Only a workbook has
 * sheets. Throws `UsageError`.
 */
export function formatOf(address: string, sheet?: string): Format {
  if (address === STDIN) return stdin
  const name = schemeOf(address)?.startsWith('http') ? address.replace(/[?#].*$/, '') : address
  const ending = /(\.\w+?)(?:\.(?:gz|zst))?$/i.exec(name)?.[1]?.toLowerCase()
  const format = ending === undefined ? undefined : FORMATS[ending]
  if (format && format !== xlsx && sheet !== undefined) throw noSheets(address)
  if (format) return format
  throw new UsageError(
    `Expected --specs to end in ${Object.keys(FORMATS).join(', ')}, any of them with .gz or .zst, or to be - for stdin, got ${address}.`,
  )
}

function noSheets(address: string): UsageError {
  return new UsageError(`--sheet is for workbooks (.xlsx), and ${address} is not a workbook.`)
}

const ZIP = 'PK\x03\x04'

/** Opens stdin as a workbook, CSV or JSON. Text that begins with a bracket is JSON. */
const stdin: Format = async (address, sources, options) => {
  const chunks = (await sources.stream(address))[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let text = ''
  let mark: string | undefined
  while (mark === undefined || text.length < ZIP.length) {
    const { done, value } = await chunks.next()
    if (done) break
    head.push(value)
    text = Buffer.concat(head).toString('latin1')
    mark = /[^\s\0\uFEFF\u00FE\u00FF]/.exec(text.replace(/^\u00EF\u00BB\u00BF/, ''))?.[0]
  }
  async function* whole() {
    yield* head
    for await (const chunk of { [Symbol.asyncIterator]: () => chunks }) yield chunk
  }
  if (text.startsWith(ZIP)) return readXlsx('stdin', whole(), options)
  if (options.sheet !== undefined) throw noSheets('stdin')
  if (mark === '{') return readJsonLines('stdin', whole(), options.encoding)
  if (mark === '[') return readJsonArray('stdin', whole(), options.encoding)
  return readCsv('stdin', whole(), options)
}
