/**
 * What a column holds. Every column may hold null, whatever its type: parts of one table must fit together.
 *
 * | kind | in JavaScript | in Parquet |
 * | --- | --- | --- |
 * | `int64` | safe integer, or `bigint` where `bigint` is set | INT64 |
 * | `double` | number | DOUBLE |
 * | `string` | well-formed string; where `mixed` is set also a number or a boolean | BYTE_ARRAY, STRING |
 * | `boolean` | boolean | BOOLEAN |
 * | `date` | `'YYYY-MM-DD'` | INT32, DATE |
 * | `timestamp` | `Date` (milliseconds, UTC) | INT64, TIMESTAMP(MILLIS, UTC) |
 * | `json` | any JSON value; to be written also a `JsonText` | BYTE_ARRAY, STRING: its JSON text |
 * | `list` | array | LIST |
 * | `struct` | object | group |
 */
export type ColumnType =
  | { readonly kind: 'int64'; readonly bigint?: boolean }
  | { readonly kind: 'string'; readonly mixed?: boolean }
  | { readonly kind: 'double' | 'boolean' | 'date' | 'timestamp' | 'json' }
  | { readonly kind: 'list'; readonly item: ColumnType }
  | { readonly kind: 'struct'; readonly fields: readonly Column[] }

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

/** A table's columns in order, and which of them pandas takes as the (Multi)Index, in order. */
export interface TableSchema {
  readonly columns: readonly Column[]
  readonly index: readonly string[]
}

/** The rows of a table, column by column: each column's values in row order, `null` or `undefined` for no value. */
export type ColumnData = Readonly<Record<string, ArrayLike<unknown>>>
