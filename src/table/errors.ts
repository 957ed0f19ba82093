import { inspect } from 'node:util'
import { ScytheError } from '../errors.js'

/**
 * `TABLE_UNREADABLE`: the bytes are not a complete Parquet file, or contain something that this
 * package cannot read.
 */
export class TableUnreadableError extends ScytheError<'TABLE_UNREADABLE'> {
  constructor(
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('TABLE_UNREADABLE', `The table cannot be read: ${problem}.`, options)
  }
}

/**
 * Returns a `TableUnreadableError` for an error of another kind that ended the reading. Messages of
 * the JavaScript engine about code are left out, because they say nothing about the file.
 */
export function unreadable(problem: string, cause: unknown): TableUnreadableError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
  const isSlip = cause instanceof TypeError || cause instanceof RangeError || /\bundefined\b/.test(reason)
  return new TableUnreadableError(isSlip ? problem : `${problem} (${reason})`, { cause })
}

/** `COLUMN_VALUE_INVALID`: a value does not fit its column. */
export class ColumnValueInvalidError extends ScytheError<'COLUMN_VALUE_INVALID'> {
  readonly column: string
  /** The row in the table, from 0. */
  readonly row: number
  /** The value as text, shortened. */
  readonly value: string

  constructor(column: string, row: number, value: unknown, expected: string) {
    const shown = inspect(value, {
      depth: 1,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 5,
      maxStringLength: 80,
    })
    super('COLUMN_VALUE_INVALID', `Expected ${column} in row ${row} to be ${expected}, got ${shown}.`)
    this.column = column
    this.row = row
    this.value = shown
  }
}

/** `TABLE_MISMATCH`: tables to be combined, or values to become a table, have different columns. */
export class TableMismatchError extends ScytheError<'TABLE_MISMATCH'> {
  constructor(message: string) {
    super('TABLE_MISMATCH', message)
  }
}
