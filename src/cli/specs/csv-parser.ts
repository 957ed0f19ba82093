import { LONGEST_ROW } from './longest.js'

/**
 * The values of a record. A value is null if there is nothing between its delimiters; `""` is the
 * empty text.
 */
export type CsvRecord = (string | null)[]

/** Records that ended in one piece of a table, and the number of the line in which each starts. */
export interface CsvRecords {
  readonly records: CsvRecord[]
  readonly lines: number[]
}

/** A problem of a table in CSV, with the line. */
class CsvProblem extends Error {
  constructor(
    readonly line: number,
    problem: string,
  ) {
    super(`line ${line} ${problem}`)
  }
}

const QUOTE = 34
const LF = 10
const CR = 13

type State = 'start' | 'plain' | 'quoted' | 'closed'

/**
 * Parses CSV (RFC 4180, with any delimiter) as it comes, in pieces of any length. It is not
 * csv-parse, because that tells `""` from a blank only by its `cast` option, which makes it 18
 * times slower. Each line may end with LF, CR LF or CR. Lines that are blank, or contain nothing
 * but delimiters, are skipped, as are values without text beyond the last one of the first record.
 * Throws `CsvProblem`.
 */
export class CsvParser {
  /** The number of the next line. */
  line: number
  readonly #delimiter: number
  /** The position of the parser in a value. */
  #state: State = 'start'
  #field = ''
  /** Number of characters of the record so far. */
  #length = 0
  #record: CsvRecord = []
  #recordLine: number
  /** Whether the record has no text yet. */
  #isBlank = true
  #fields: number | undefined
  #afterCr = false
  /** A problem behind the records that were returned. */
  #problem: unknown

  constructor(delimiter = ',', line = 1) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.line = line
    this.#recordLine = line
  }

  /**
   * Returns the records that end in this piece. `check` throws a problem behind them, since
   * problems of the records themselves come first.
   */
  push(text: string): CsvRecords {
    const ended: CsvRecords = { records: [], lines: [] }
    try {
      this.#take(text, ended)
    } catch (error) {
      if (ended.records.length === 0) throw error
      this.#problem = error
    }
    return ended
  }

  #take(text: string, ended: CsvRecords): void {
    let i = 0
    while (i < text.length) {
      const code = text.charCodeAt(i)
      if (this.#state === 'quoted') {
        i = this.#takeQuoted(text, i)
      } else if (this.#state === 'start' && code === LF && this.#afterCr) {
        this.#afterCr = false
        i++
      } else if (this.#state === 'start' && code === QUOTE) {
        this.#state = 'quoted'
        this.#afterCr = false
        i++
      } else if (this.#state === 'closed' && code === QUOTE) {
        // Two quotes stand for one quote in the text.
        this.#field += '"'
        this.#state = 'quoted'
        i++
      } else {
        const end = this.#state === 'closed' ? i : this.#endOfPlain(text, i)
        if (end > i) {
          this.#add(text.slice(i, end))
          this.#state = 'plain'
        }
        if (end === text.length) break
        this.#endValue(text.charCodeAt(end), ended)
        i = end + 1
      }
    }
  }

  /** Throws the problem behind the records that were returned, if there is one. */
  check(): void {
    if (this.#problem !== undefined) throw this.#problem
  }

  /** Returns the last record, if it has no line end behind it. */
  end(): CsvRecords {
    if (this.#state === 'quoted') throw new CsvProblem(this.#recordLine, 'has a value whose quote is not closed.')
    const ended: CsvRecords = { records: [], lines: [] }
    if (this.#state !== 'start' || this.#record.length > 0) this.#endValue(LF, ended)
    return ended
  }

  #takeQuoted(text: string, from: number): number {
    const quote = text.indexOf('"', from)
    const end = quote < 0 ? text.length : quote
    if (end > from) {
      const piece = text.slice(from, end)
      this.#add(piece)
      this.line += piece.match(/\r\n|\r|\n/g)?.length ?? 0
      // CR and LF may have come in two pieces.
      if (this.#afterCr && piece.charCodeAt(0) === LF) this.line -= 1
      this.#afterCr = piece.charCodeAt(piece.length - 1) === CR
    }
    if (quote < 0) return end
    this.#state = 'closed'
    return quote + 1
  }

  #add(piece: string): void {
    this.#field += piece
    this.#length += piece.length
    if (this.#length <= LONGEST_ROW) return
    throw new CsvProblem(
      this.#recordLine,
      'begins a row of more than 16 million characters: close its quote, or put content that long into a file of its own.',
    )
  }

  #endOfPlain(text: string, from: number): number {
    const delimiter = this.#delimiter
    let i = from
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === delimiter || code === LF || code === CR || code === QUOTE) break
    }
    return i
  }

  #endValue(code: number, ended: CsvRecords): void {
    const isDelimiter = code === this.#delimiter
    if (code === QUOTE)
      throw new CsvProblem(
        this.line,
        'has a quote within a value: put the value in quotes, and double the quotes within it.',
      )
    if (!isDelimiter && code !== LF && code !== CR) {
      throw new CsvProblem(this.line, 'has text after a value in quotes: double the quotes within the value.')
    }
    if (this.#state === 'start') this.#record.push(null)
    else {
      this.#record.push(this.#field)
      this.#isBlank = false
      this.#field = ''
      this.#state = 'start'
    }
    this.#afterCr = code === CR
    if (!isDelimiter) this.#endRecord(ended)
  }

  #endRecord(ended: CsvRecords): void {
    const record = this.#record
    const line = this.#recordLine
    const isBlank = this.#isBlank
    this.#record = []
    this.#length = 0
    this.#isBlank = true
    this.line += 1
    this.#recordLine = this.line
    if (isBlank) return
    if (this.#fields === undefined) {
      while (record.at(-1) === null) record.pop()
      this.#fields = record.length
    } else if (record.length !== this.#fields) {
      if (record.length === 1 && record[0]!.trim() === '') return
      const values = record.length
      while (record.length > this.#fields && record.at(-1) === null) record.pop()
      if (record.length !== this.#fields) {
        throw new CsvProblem(line, `has ${count(values, 'value')}, and the header ${count(this.#fields, 'column')}.`)
      }
    }
    ended.records.push(record)
    ended.lines.push(line)
  }
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}
