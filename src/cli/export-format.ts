import { extname } from 'node:path'
import { UsageError } from './errors.js'

export type ExportFormat = 'csv' | 'jsonl' | 'parquet' | 'arrow'

const FORMATS: readonly ExportFormat[] = ['csv', 'jsonl', 'parquet', 'arrow']
const ENDINGS: Readonly<Record<string, ExportFormat>> = {
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.arrow': 'arrow',
}

export interface ExportOptions {
  readonly format?: string
  readonly output?: string
  /** Whether CSV leaves texts that a spreadsheet takes for formulas as they are. Default: no. */
  readonly raw?: boolean
}

/**
 * Returns the format that is requested, or that the ending of the file's name stands for; CSV if
 * there is neither. Throws `UsageError`.
 */
export function exportFormat({ format: asked, output, raw }: ExportOptions): ExportFormat {
  const format = formatOf(asked, output)
  if (output === undefined && (format === 'parquet' || format === 'arrow')) {
    throw new UsageError(`${format} is not text: add -o <file>.`)
  }
  if (raw && format !== 'csv') throw new UsageError(`--raw means something for csv alone, not for ${format}.`)
  return format
}

function formatOf(asked: string | undefined, output: string | undefined): ExportFormat {
  const known = FORMATS.find((format) => format === asked)
  if (asked !== undefined && known === undefined) {
    throw new UsageError(
      `Expected --format to be ${FORMATS.slice(0, -1).join(', ')} or ${FORMATS.at(-1)}, got ${asked}.`,
    )
  }
  if (output === undefined) return known ?? 'csv'
  const ending = extname(output).toLowerCase()
  const said = Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined
  if (known !== undefined && said !== undefined && said !== known) {
    throw new UsageError(`${output} would be ${said} by its ending, and --format says ${known}: change one of them.`)
  }
  const format = said ?? known
  if (format) return format
  throw new UsageError(
    `Expected -o to end in ${Object.keys(ENDINGS).join(', ')}, got ${output}. For another name add --format.`,
  )
}
