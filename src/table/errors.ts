import { inspect } from 'node:util'
import { ScytheError } from '../errors.js'

/** The bytes are no whole Parquet file, or hold something that this package cannot read. */
export class TableUnreadableError extends ScytheError<'TABLE_UNREADABLE'> {
  constructor(
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('TABLE_UNREADABLE', `The table cannot be read: ${problem}.`, options)
  }
}

/** The same, where reading ended with an error of another kind. What the language itself says of code tells nothing of the file. */
export function unreadable(problem: string, cause: unknown): TableUnreadableError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
  const isSlip = cause instanceof TypeError || cause instanceof RangeError || /\bundefined\b/.test(reason)
  return new TableUnreadableError(isSlip ? problem : `${problem} (${reason})`, { cause })
}

/** A value does not fit its column. */
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

/** Two tables were to become one, or values were to become a table, whose columns are different. */
export class TableMismatchError extends ScytheError<'TABLE_MISMATCH'> {
  constructor(message: string) {
    super('TABLE_MISMATCH', message)
  }
}
