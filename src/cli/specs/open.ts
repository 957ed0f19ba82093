import { open } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Readable } from 'node:stream'
import { type Encoding, type Row, rowConverter } from '../../experiment/convert.js'
import type { Experiment } from '../../experiment/experiment.js'
import { SpecsUnreadableError, UsageError } from '../errors.js'
import { readCsv } from './csv.js'
import { readJsonLines } from './jsonl.js'
import { readParquet } from './parquet.js'

interface Format {
  readonly encoding: Encoding
  read(path: string): Promise<AsyncIterable<Row>>
}

const csv: Format = { encoding: 'text', read: async (path) => readCsv(path, await openFile(path)) }
const jsonl: Format = { encoding: 'data', read: async (path) => readJsonLines(path, await openFile(path)) }
const parquet: Format = { encoding: 'data', read: readParquet }
const stdin: Format = { encoding: 'data', read: async () => readJsonLines('stdin', process.stdin) }

const FORMATS: Readonly<Record<string, Format>> = {
  '.csv': csv,
  '.jsonl': jsonl,
  '.ndjson': jsonl,
  '.parquet': parquet,
  '.pq': parquet,
}

/** The specs in a file, or in stdin (`-`), one after the other. Throws where it is not there or of no kind that is known. */
export async function openSpecs(path: string, experiment: Experiment): Promise<AsyncIterable<Row>> {
  const format = path === '-' ? stdin : FORMATS[extname(path).toLowerCase()]
  if (!format) {
    throw new UsageError(
      `Expected --specs to end in ${Object.keys(FORMATS).join(', ')}, or to be - for JSON lines from stdin, got ${path}.`,
    )
  }
  const rows = await format.read(path).catch((error) => {
    throw typeof error?.syscall === 'string' ? new SpecsUnreadableError(path, reasonOf(error), { cause: error }) : error
  })
  return convertRows(rows, rowConverter(experiment, format.encoding))
}

async function* convertRows(rows: AsyncIterable<Row>, convert: (row: Row) => Row) {
  for await (const row of rows) yield convert(row)
}

/** Opened at once, so that a file that is not there is known before anything is allocated. */
async function openFile(path: string): Promise<Readable> {
  return (await open(path)).createReadStream()
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file.'
  if (code === 'EISDIR') return 'it is a folder.'
  return message
}
