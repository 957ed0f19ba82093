import { CsvParser } from './csv-parser.js'

/** The way in which a table in CSV is written. */
export interface CsvDialect {
  readonly delimiter: string
  /** The index at which the first record begins: behind a line `sep=;`, if the table has one. */
  readonly start: number
}

export interface DialectHints {
  /** The delimiter to use instead of the one that the table itself shows. */
  readonly delimiter?: string | undefined
  /** The delimiter of a header that has none. Default: a comma. */
  readonly fallback?: string
  /** Names that columns are likely to have. */
  readonly fields?: ReadonlySet<string>
}

/** Delimiters in order of preference, if several fit equally well. */
const DELIMITERS = [',', ';', '\t']
/** Excel's own line, in which a table names its delimiter. */
const SEP = /^"?sep=([^\r\n"])"?(?:\r\n|\r|\n)/i
/** Length of the longest header, in characters. */
const LONGEST_HEADER = 1 << 20

/**
 * Finds out how a table is written from its header. The delimiter is the one that makes most
 * columns known by name, or else most columns. Returns `undefined` if the header may continue
 * behind `head`.
 */
export function findDialect(head: string, isWhole: boolean, hints: DialectHints = {}): CsvDialect | undefined {
  const sep = SEP.exec(head)
  const start = sep?.[0].length ?? 0
  const header = headerOf(head, start) ?? (isWhole || head.length > LONGEST_HEADER ? head.slice(start) : undefined)
  if (header === undefined) return undefined
  return { delimiter: hints.delimiter ?? sep?.[1] ?? likeliest(header, hints), start }
}

/**
 * Returns the first line that is not blank, with its line end. A line end within quotes does not
 * count.
 */
function headerOf(head: string, start: number): string | undefined {
  let from = start
  let isQuoted = false
  for (let i = start; i < head.length; i++) {
    const char = head[i]
    if (char === '"') isQuoted = !isQuoted
    if (isQuoted || (char !== '\n' && char !== '\r')) continue
    if (head.slice(from, i).trim() !== '') return head.slice(from, i + 1)
    from = i + 1
  }
  return undefined
}

function likeliest(header: string, { fields, fallback = ',' }: DialectHints): string {
  let best = { delimiter: fallback, known: 0, columns: 1 }
  for (const delimiter of DELIMITERS) {
    const names = namesOf(header, delimiter)
    const known = names.filter((name) => name !== null && fields?.has(name.trim())).length
    const isBetter = known > best.known || (known === best.known && names.length > best.columns)
    if (isBetter) best = { delimiter, known, columns: names.length }
  }
  return best.delimiter
}

function namesOf(header: string, delimiter: string): readonly (string | null)[] {
  try {
    const parser = new CsvParser(delimiter)
    return parser.push(header).records[0] ?? parser.end().records[0] ?? []
  } catch {
    return []
  }
}
